// xPos: rotary positions with q times xi^n and k times xi^-n, and attention to the own and the last block of 8.
weft.import "../../library/rope.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %zero = arith.constant 0 : i64
  %grow = arith.constant dense<[-0.07829769, -0.04795345, -0.027614547, -0.012294393, -0.07829769, -0.04795345, -0.027614547, -0.012294393]> : tensor<8xf32>
  %shrink = arith.negf %grow : tensor<8xf32>
  %ids = tensor.splat %zero[%b, %n] : tensor<?x?xi64>
  %p = weft.positions %ids : tensor<?x?xi64>
  %qr = weft.rope %q pairing <half> frequencies [1.0, 0.1, 0.01, 0.001] : !q
  %kr = weft.rope %k pairing <half> frequencies [1.0, 0.1, 0.01, 0.001] : !kv
  %qx = func.call @grow(%qr, %p, %grow) : (!q, tensor<?x?xi64>, tensor<8xf32>) -> !q
  %kx = func.call @grow(%kr, %p, %shrink) : (!kv, tensor<?x?xi64>, tensor<8xf32>) -> !kv
  %out = weft.attention %qx, %kx, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.where<affine_map<(i, j, d) -> (j floordiv 8 - i floordiv 8 + 1)>>>) : !q, !kv, !kv -> !q
  return %out : !q
}
