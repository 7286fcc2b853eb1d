// Randomized positions: sorted distinct numbers from a longer range, here under rotary positions.
weft.import "../../library/rope.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %p: tensor<?x?xi64> {weft.name = "positions", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %qr = func.call @rope_at(%q, %p, %f) : (!q, tensor<?x?xi64>, tensor<4xf32>) -> !q
  %kr = func.call @rope_at(%k, %p, %f) : (!kv, tensor<?x?xi64>, tensor<4xf32>) -> !kv
  %out = weft.attention %qr, %kr, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !kv, !kv -> !q
  return %out : !q
}
