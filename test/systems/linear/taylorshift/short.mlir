// TaylorShift on 48 tokens of 8 channels: so few that weights take fewer products than 73 features, and are formed.
weft.import "../../library/products.mlir"
!x = tensor<2x48x2x8xf32>
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"},
                   %v: !x {weft.name = "v"}, %tau: tensor<2xf32> {weft.name = "tau"}) -> (!x {weft.name = "out"}) {
  %qn = weft.norm<l2> %q epsilon 0.0 : !x
  %kn = weft.norm<l2> %k epsilon 0.0 : !x
  %qt = func.call @scale_heads(%qn, %tau) : (!x, tensor<2xf32>) -> !x
  %out, %s, %z = weft.scan %qt, %kn, %v transition(#weft.accumulate) features(#weft.taylor_features) bidirectional
    : !x, !x, !x -> !x, tensor<2x2x73x8xf32>, tensor<2x2x73xf32>
  return %out : !x
}
