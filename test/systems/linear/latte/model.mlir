// Latte: softmax over 8 latents of a query, times each latent's mean of the values so far, weighted by exp(k). With
// L the logarithm of the sum of the weights so far, p = exp(k - L) is a token's part of the mean, 1 - p that of what was before.
weft.import "../../library/features.mlir"
weft.import "../../library/so_far.mlir"
!l = tensor<?x?x2x8xf32>
!v = tensor<?x?x2x16xf32>
func.func @forward(%q: !l {weft.name = "q", weft.sequence = 1}, %k: !l {weft.name = "k", weft.sequence = 1},
                   %v: !v {weft.name = "v", weft.sequence = 1}) -> (!v {weft.name = "out"}) attributes {weft.stream} {
  %L = func.call @log_sum_so_far(%k) : (!l) -> !l
  %below = arith.subf %k, %L : !l
  %p = math.exp %below : !l
  %before = func.call @one_minus(%p) : (!l) -> !l
  %reads = func.call @latent_shares(%q) : (!l) -> !l
  %out, %s = weft.scan %reads, %p, %v transition(#weft.decay<vector> gates %before) : !l, !l, !v, !l -> !v, tensor<?x2x8x16xf32>
  return %out : !v
}
