// kMaX: cross-attention as k-means; each pixel to the best of 5 centres, which add up its values: a
// table of sums by the number of the centre.
!p = tensor<1x?x1x8xf32>
!c = tensor<1x5x1x8xf32>
!n = tensor<1x?x1x1xf32>
func.func @forward(%c: !c {weft.name = "c"}, %k: !p {weft.name = "k"}, %v: !p {weft.name = "v"}) -> (tensor<1x1x5x8xf32> {weft.name = "out"}) {
  %numbers = arith.constant dense<[[[[0.0]], [[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x5x1x1xf32>
  %best = weft.attention %k, %c, %numbers normaliser(#weft.argmax) : !p, !c, tensor<1x5x1x1xf32> -> !n
  %c0 = tensor.collapse_shape %c [[0], [1], [2, 3]] : !c into tensor<1x5x8xf32>
  %table = tensor.expand_shape %c0 [[0, 1], [2], [3]] output_shape [1, 1, 5, 8] : tensor<1x5x8xf32> into tensor<1x1x5x8xf32>
  %read, %out = weft.scan %best, %best, %v transition(#weft.accumulate) features(#weft.one_hot_features<5>) from %table
    : !n, !n, !p -> !p, tensor<1x1x5x8xf32>
  return %out : tensor<1x1x5x8xf32>
}
