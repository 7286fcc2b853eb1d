// Agent attention on a 6 x 6 grid: 9 agents, means of 2 x 2 queries; biases between agents and tokens; a convolution of V.
weft.import "../../library/convolution.mlir"
weft.import "../../library/means.mlir"
!x = tensor<2x36x2x16xf32>
!a = tensor<2x9x2x16xf32>
!grid = tensor<2x6x6x32xf32>
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"}, %b1: tensor<2x9x36xf32> {weft.name = "b1"},
                   %b2: tensor<2x36x9xf32> {weft.name = "b2"}, %filter: tensor<3x3x32xf32> {weft.name = "filter"}) -> (!x {weft.name = "out"}) {
  %cells = tensor.expand_shape %q [[0], [1, 2, 3, 4], [5], [6]] output_shape [2, 3, 2, 3, 2, 2, 16] : !x into tensor<2x3x2x3x2x2x16xf32>
  %agents = func.call @mean_cells(%cells) : (tensor<2x3x2x3x2x2x16xf32>) -> tensor<2x3x3x2x16xf32>
  %a = tensor.collapse_shape %agents [[0], [1, 2], [3], [4]] : tensor<2x3x3x2x16xf32> into !a
  %gathered = weft.attention %a, %k, %v normaliser(#weft.softmax) score(%s, %b, %h, %i, %j) {
      %bias = tensor.extract %b1[%h, %i, %j] : tensor<2x9x36xf32>
      %0 = arith.addf %s, %bias : f32
      weft.yield %0 : f32
    } : !a, !x, !x -> !a
  %spread = weft.attention %q, %a, %gathered normaliser(#weft.softmax) score(%s, %b, %h, %i, %j) {
      %bias = tensor.extract %b2[%h, %i, %j] : tensor<2x36x9xf32>
      %0 = arith.addf %s, %bias : f32
      weft.yield %0 : f32
    } : !x, !a, !a -> !x
  %out = func.call @add_convolution(%v, %filter, %spread) : (!x, tensor<3x3x32xf32>, !x) -> !x
  return %out : !x
}
