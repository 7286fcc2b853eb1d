// FoX: softmax(q k / sqrt(d) + D) v, D_ij the sum of log f_l for l = j + 1 .. i, f = sigmoid(W x + b).
weft.import "../../library/scores.mlir"
weft.import "../../library/sums.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!x = tensor<?x?x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %x: !x {weft.name = "x", weft.sequence = 1}, %w: tensor<4x8xf32> {weft.name = "w"}, %bias: tensor<4xf32> {weft.name = "bias"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %step = weft.linear %x, %w with %bias combine(%z, %p) {
        %0 = arith.addf %z, %p : f32
        %1 = arith.negf %0 : f32
        %2 = func.call @softplus(%1) : (f32) -> f32
        %3 = arith.negf %2 : f32
        weft.yield %3 : f32
    } : !x, tensor<4x8xf32> with tensor<4xf32> -> tensor<?x?x4xf32>
  %c = func.call @cumulative_sum(%step) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %out = weft.attention %q, %k, %v columns %c normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j, %cj) {
        %0 = arith.subf %s, %cj : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv columns tensor<?x?x4xf32> -> !q
  return %out : !q
}
