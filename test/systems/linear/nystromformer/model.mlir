// Nystromformer: 8 landmarks are means of 4 tokens each; the pseudo-inverse by 6 steps; a convolution of V along the tokens.
weft.import "../../library/convolution.mlir"
weft.import "../../library/inverse.mlir"
weft.import "../../library/means.mlir"
weft.import "../../library/products.mlir"
!x = tensor<2x32x2x16xf32>
!l = tensor<2x8x2x16xf32>
!a = tensor<2x8x2x8xf32>
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"},
                   %filter: tensor<5x1x32xf32> {weft.name = "filter"}) -> (!x {weft.name = "out"}) {
  %qs = tensor.expand_shape %q [[0], [1, 2], [3], [4]] output_shape [2, 8, 4, 2, 16] : !x into tensor<2x8x4x2x16xf32>
  %ks = tensor.expand_shape %k [[0], [1, 2], [3], [4]] output_shape [2, 8, 4, 2, 16] : !x into tensor<2x8x4x2x16xf32>
  %ql = func.call @mean_segments(%qs) : (tensor<2x8x4x2x16xf32>) -> !l
  %kl = func.call @mean_segments(%ks) : (tensor<2x8x4x2x16xf32>) -> !l
  // Attention to the columns of the unit matrix gives the weights themselves.
  %0 = arith.constant dense<0.0> : !a
  %one = arith.constant 1.0 : f32
  %unit = func.call @subtract_from_unit(%0, %one) : (!a, f32) -> !a
  %a = weft.attention %ql, %kl, %unit normaliser(#weft.softmax) : !l, !l, !a -> !a
  %bv = weft.attention %ql, %k, %v normaliser(#weft.softmax) : !l, !x, !x -> !l
  %inverse = func.call @invert(%a) : (!a) -> !a
  %values = func.call @multiply(%inverse, %bv) : (!a, !l) -> !l
  %far = weft.attention %q, %kl, %values normaliser(#weft.softmax) : !x, !l, !l -> !x
  %line = tensor.collapse_shape %v [[0], [1], [2, 3]] : !x into tensor<2x32x32xf32>
  %grid = tensor.expand_shape %line [[0], [1, 2], [3]] output_shape [2, 32, 1, 32] : tensor<2x32x32xf32> into tensor<2x32x1x32xf32>
  %to = tensor.collapse_shape %far [[0], [1], [2, 3]] : !x into tensor<2x32x32xf32>
  %acc = tensor.expand_shape %to [[0], [1, 2], [3]] output_shape [2, 32, 1, 32] : tensor<2x32x32xf32> into tensor<2x32x1x32xf32>
  %sum = func.call @convolve_grid(%grid, %filter, %acc) : (tensor<2x32x1x32xf32>, tensor<5x1x32xf32>, tensor<2x32x1x32xf32>) -> tensor<2x32x1x32xf32>
  %flat = tensor.collapse_shape %sum [[0], [1, 2], [3]] : tensor<2x32x1x32xf32> into tensor<2x32x32xf32>
  %out = tensor.expand_shape %flat [[0], [1], [2, 3]] output_shape [2, 32, 2, 16] : tensor<2x32x32xf32> into !x
  return %out : !x
}
