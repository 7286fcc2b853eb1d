// ComplexFormer: sum |q| |k| cos(adapt_h(aq - ak) + turn_h f (m - n)), adapt affine: folded into queries and keys.
weft.import "../../library/polar.mlir"
!q = tensor<?x?x4x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !q {weft.name = "k", weft.sequence = 1},
                   %v: !q {weft.name = "v", weft.sequence = 1}, %adapt: tensor<4xf32> {weft.name = "adapt"},
                   %shift: tensor<4xf32> {weft.name = "shift"}, %turn: tensor<4xf32> {weft.name = "turn"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %f = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %none = arith.constant dense<0.0> : tensor<4xf32>
  %zero = arith.constant 0 : i64
  %ids = tensor.splat %zero[%b, %n] : tensor<?x?xi64>
  %p = weft.positions %ids : tensor<?x?xi64>
  %qa = func.call @adapt_angle(%q, %p, %adapt, %shift, %turn, %f) : (!q, tensor<?x?xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> !q
  %ka = func.call @adapt_angle(%k, %p, %adapt, %none, %turn, %f) : (!q, tensor<?x?xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> !q
  %out = weft.attention %qa, %ka, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !q, !q -> !q
  return %out : !q
}
