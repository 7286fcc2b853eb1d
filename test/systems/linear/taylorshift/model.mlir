// TaylorShift: softmax by its expansion to the second degree, on unit queries times a temperature and unit keys.
weft.import "../../library/products.mlir"
!x = tensor<?x?x2x6xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}, %tau: tensor<2xf32> {weft.name = "tau"}) -> (!x {weft.name = "out"}) {
  %qn = weft.norm<l2> %q epsilon 0.0 : !x
  %kn = weft.norm<l2> %k epsilon 0.0 : !x
  %qt = func.call @scale_heads(%qn, %tau) : (!x, tensor<2xf32>) -> !x
  %out, %s, %z = weft.scan %qt, %kn, %v transition(#weft.accumulate) features(#weft.taylor_features) bidirectional
    : !x, !x, !x -> !x, tensor<?x2x43x6xf32>, tensor<?x2x43xf32>
  return %out : !x
}
