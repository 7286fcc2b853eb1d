// Hedgehog: phi(x) = [exp(W x + b), exp(-W x - b)], a matrix and a bias per head.
weft.import "../../library/products.mlir"
!x = tensor<?x?x2x16xf32>
!f = tensor<?x?x2x8xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}, %w: tensor<2x8x16xf32> {weft.name = "w"},
                   %b: tensor<2x8xf32> {weft.name = "b"}) -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %fq = func.call @project_heads(%q, %w, %b) : (!x, tensor<2x8x16xf32>, tensor<2x8xf32>) -> !f
  %fk = func.call @project_heads(%k, %w, %b) : (!x, tensor<2x8x16xf32>, tensor<2x8xf32>) -> !f
  %out, %s, %z = weft.scan %fq, %fk, %v transition(#weft.accumulate) features(#weft.exp_features)
    : !f, !f, !x -> !x, tensor<?x2x16x16xf32>, tensor<?x2x16xf32>
  return %out : !x
}
