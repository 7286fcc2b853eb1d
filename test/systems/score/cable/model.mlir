// Cable: a bias c_i - c_j, c = cumsum(-softplus(W x)) for each head; c_i cancels in the softmax.
weft.import "../../library/scores.mlir"
weft.import "../../library/sums.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!x = tensor<?x?x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %x: !x {weft.name = "x", weft.sequence = 1}, %w: tensor<4x8xf32> {weft.name = "w"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %step = weft.linear %x, %w combine(%z) {
        %0 = func.call @softplus(%z) : (f32) -> f32
        %1 = arith.negf %0 : f32
        weft.yield %1 : f32
    } : !x, tensor<4x8xf32> -> tensor<?x?x4xf32>
  %c = func.call @cumulative_sum(%step) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %out = weft.attention %q, %k, %v columns %c normaliser(#weft.softmax) mask(#weft.causal) scale(1.0) score(%s, %b, %h, %i, %j, %cj) {
        %0 = arith.subf %s, %cj : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv columns tensor<?x?x4xf32> -> !q
  return %out : !q
}
