// InLine: weights q k - mean(q k) + 1/N; a 3 x 3 convolution of V on a 6 x 6 grid by a filter made of the mean input.
weft.import "../../library/convolution.mlir"
weft.import "../../library/means.mlir"
!x = tensor<2x36x2x16xf32>
!one = tensor<2x1x2x16xf32>
!row = tensor<2x32xf32>
!grid = tensor<2x6x6x32xf32>
func.func @forward(%x: tensor<2x36x32xf32> {weft.name = "x"}, %q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"},
                   %w1: tensor<32x32xf32> {weft.name = "w1"}, %w2: tensor<288x32xf32> {weft.name = "w2"}) -> (!x {weft.name = "out"}) {
  // (q / N) K^T V + (1 - q mean(k)) mean(v).
  %products, %s = weft.scan %q, %k, %v transition(#weft.accumulate) bidirectional : !x, !x, !x -> !x, tensor<2x2x16x16xf32>
  %km = func.call @mean_tokens(%k) : (!x) -> !one
  %vm = func.call @mean_tokens(%v) : (!x) -> !one
  %acc = func.call @subtract_mean(%products, %q, %km, %vm) : (!x, !x, !one, !one) -> !x
  %xs = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [2, 36, 2, 16] : tensor<2x36x32xf32> into !x
  %xm = func.call @mean_tokens(%xs) : (!x) -> !one
  %mean = tensor.collapse_shape %xm [[0, 1], [2, 3]] : !one into !row
  %hidden = weft.linear %mean, %w1 combine(%a) {
      %0 = arith.constant 0.0 : f32
      %1 = arith.maximumf %a, %0 : f32
      weft.yield %1 : f32
    } : !row, tensor<32x32xf32> -> !row
  %f = weft.linear %hidden, %w2 : !row, tensor<288x32xf32> -> tensor<2x288xf32>
  %filter = tensor.expand_shape %f [[0], [1, 2, 3]] output_shape [2, 3, 3, 32] : tensor<2x288xf32> into tensor<2x3x3x32xf32>
  %vf = tensor.collapse_shape %v [[0], [1], [2, 3]] : !x into tensor<2x36x32xf32>
  %vg = tensor.expand_shape %vf [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into !grid
  %af = tensor.collapse_shape %acc [[0], [1], [2, 3]] : !x into tensor<2x36x32xf32>
  %ag = tensor.expand_shape %af [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into !grid
  %y = func.call @convolve_by_own(%vg, %filter, %ag) : (!grid, tensor<2x3x3x32xf32>, !grid) -> !grid
  %yf = tensor.collapse_shape %y [[0], [1, 2], [3]] : !grid into tensor<2x36x32xf32>
  %out = tensor.expand_shape %yf [[0], [1], [2, 3]] output_shape [2, 36, 2, 16] : tensor<2x36x32xf32> into !x
  return %out : !x
}
