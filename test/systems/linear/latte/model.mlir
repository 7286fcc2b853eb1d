// Latte: softmax over 8 latents of a query, times each latent's mean of the values so far, weighted by exp(k).
weft.import "../../library/features.mlir"
weft.import "../../library/so_far.mlir"
!l = tensor<?x?x2x8xf32>
!v = tensor<?x?x2x16xf32>
func.func @forward(%q: !l {weft.name = "q", weft.sequence = 1}, %k: !l {weft.name = "k", weft.sequence = 1},
                   %v: !v {weft.name = "v", weft.sequence = 1}) -> (!v {weft.name = "out"}) attributes {weft.stream} {
  %weights = math.exp %k : !l
  %totals = func.call @sum_so_far(%weights) : (!l) -> !l
  %reads = func.call @latent_shares(%q, %totals) : (!l, !l) -> !l
  %out, %s = weft.scan %reads, %weights, %v transition(#weft.accumulate) : !l, !l, !v -> !v, tensor<?x2x8x16xf32>
  return %out : !v
}
