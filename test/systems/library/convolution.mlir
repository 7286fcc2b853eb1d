// Convolutions of channels on a grid of tokens. Tensors are batch x tokens x heads x channels.

/// Each channel of a grid of tokens, rows x columns, convolved with its filter of odd sides, zeros around; and added.
func.func private @convolve_grid(%x: tensor<?x?x?x?xf32>, %filter: tensor<?x?x?xf32>, %acc: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %fy = tensor.dim %filter, %c0 : tensor<?x?x?xf32>
  %fx = tensor.dim %filter, %c1 : tensor<?x?x?xf32>
  %py = arith.shrui %fy, %c1 : index
  %px = arith.shrui %fx, %c1 : index
  %padded = tensor.pad %x low[0, %py, %px, 0] high[0, %py, %px, 0] {
  ^bb0(%b: index, %i: index, %j: index, %c: index):
    tensor.yield %zero : f32
  } : tensor<?x?x?x?xf32> to tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, j, c, u, v) -> (b, i + u, j + v, c)>, affine_map<(b, i, j, c, u, v) -> (u, v, c)>,
                                        affine_map<(b, i, j, c, u, v) -> (b, i, j, c)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
    ins(%padded, %filter : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%acc : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %f: f32, %o: f32):
      %0 = arith.mulf %a, %f : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// As convolve_grid, with a filter for each batch.
func.func private @convolve_by_own(%x: tensor<?x?x?x?xf32>, %filter: tensor<?x?x?x?xf32>, %acc: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %fy = tensor.dim %filter, %c1 : tensor<?x?x?x?xf32>
  %fx = tensor.dim %filter, %c2 : tensor<?x?x?x?xf32>
  %py = arith.shrui %fy, %c1 : index
  %px = arith.shrui %fx, %c1 : index
  %padded = tensor.pad %x low[0, %py, %px, 0] high[0, %py, %px, 0] {
  ^bb0(%b: index, %i: index, %j: index, %c: index):
    tensor.yield %zero : f32
  } : tensor<?x?x?x?xf32> to tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, j, c, u, v) -> (b, i + u, j + v, c)>, affine_map<(b, i, j, c, u, v) -> (b, u, v, c)>,
                                        affine_map<(b, i, j, c, u, v) -> (b, i, j, c)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
    ins(%padded, %filter : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%acc : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %f: f32, %o: f32):
      %0 = arith.mulf %a, %f : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// acc + the convolution of the 6 x 6 grid of tokens, batch 2, 2 heads of 16 channels.
func.func private @add_convolution(%v: tensor<2x36x2x16xf32>, %filter: tensor<?x?x32xf32>, %acc: tensor<2x36x2x16xf32>) -> tensor<2x36x2x16xf32> {
  %vf = tensor.collapse_shape %v [[0], [1], [2, 3]] : tensor<2x36x2x16xf32> into tensor<2x36x32xf32>
  %vg = tensor.expand_shape %vf [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into tensor<2x6x6x32xf32>
  %af = tensor.collapse_shape %acc [[0], [1], [2, 3]] : tensor<2x36x2x16xf32> into tensor<2x36x32xf32>
  %ag = tensor.expand_shape %af [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into tensor<2x6x6x32xf32>
  %y = func.call @convolve_grid(%vg, %filter, %ag) : (tensor<2x6x6x32xf32>, tensor<?x?x32xf32>, tensor<2x6x6x32xf32>) -> tensor<2x6x6x32xf32>
  %yf = tensor.collapse_shape %y [[0], [1, 2], [3]] : tensor<2x6x6x32xf32> into tensor<2x36x32xf32>
  %out = tensor.expand_shape %yf [[0], [1], [2, 3]] output_shape [2, 36, 2, 16] : tensor<2x36x32xf32> into tensor<2x36x2x16xf32>
  return %out : tensor<2x36x2x16xf32>
}
