// RFA for documents: random features sin(W x), cos(W x); what is kept decays where a sentence starts.
weft.import "../../library/features.mlir"
weft.import "../../library/products.mlir"
!x = tensor<?x?x2x16xf32>
!gate = tensor<?x?x2xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}, %x: tensor<?x?x32xf32> {weft.name = "x", weft.sequence = 1},
                   %start: tensor<?x?xf32> {weft.name = "start", weft.sequence = 1}, %w: tensor<2x16x16xf32> {weft.name = "w"},
                   %g: tensor<2x32xf32> {weft.name = "g"}) -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %none = arith.constant dense<0.0> : tensor<2x16xf32>
  %wq = func.call @project_heads(%q, %w, %none) : (!x, tensor<2x16x16xf32>, tensor<2x16xf32>) -> !x
  %wk = func.call @project_heads(%k, %w, %none) : (!x, tensor<2x16x16xf32>, tensor<2x16xf32>) -> !x
  %logit = weft.linear %x, %g : tensor<?x?x32xf32>, tensor<2x32xf32> -> !gate
  %decay = func.call @forget_at_starts(%logit, %start) : (!gate, tensor<?x?xf32>) -> !gate
  %out, %s, %z = weft.scan %wq, %wk, %v transition(#weft.decay<scalar> gates %decay) features(#weft.trig_features)
    : !x, !x, !x, !gate -> !x, tensor<?x2x32x16xf32>, tensor<?x2x32xf32>
  return %out : !x
}
