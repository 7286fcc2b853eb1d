// Summaries of blocks of 4 tokens.

/// Means of 4 tokens each; the number of tokens is a multiple of 4.
func.func private @mean_of_queries(%x: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 0.25 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x4x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4x8xf32>
  %m = arith.divui %n, %c4 : index
  %blocks = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [%b, %m, 4, 4, 8] : tensor<?x?x4x8xf32> into tensor<?x?x4x4x8xf32>
  %e = tensor.splat %zero[%b, %m] : tensor<?x?x4x8xf32>
  %out = linalg.generic {indexing_maps = [affine_map<(b, m, h, d, r) -> (b, m, r, h, d)>, affine_map<(b, m, h, d, r) -> (b, m, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%blocks : tensor<?x?x4x4x8xf32>) outs(%e : tensor<?x?x4x8xf32>) {
  ^bb0(%y: f32, %acc: f32):
    %0 = arith.mulf %y, %quarter : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<?x?x4x8xf32>
  return %out : tensor<?x?x4x8xf32>
}

/// Means of 4 tokens each; the number of tokens is a multiple of 4.
func.func private @mean_of_keys(%x: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 0.25 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x2x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x2x8xf32>
  %m = arith.divui %n, %c4 : index
  %blocks = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [%b, %m, 4, 2, 8] : tensor<?x?x2x8xf32> into tensor<?x?x4x2x8xf32>
  %e = tensor.splat %zero[%b, %m] : tensor<?x?x2x8xf32>
  %out = linalg.generic {indexing_maps = [affine_map<(b, m, h, d, r) -> (b, m, r, h, d)>, affine_map<(b, m, h, d, r) -> (b, m, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%blocks : tensor<?x?x4x2x8xf32>) outs(%e : tensor<?x?x2x8xf32>) {
  ^bb0(%y: f32, %acc: f32):
    %0 = arith.mulf %y, %quarter : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<?x?x2x8xf32>
  return %out : tensor<?x?x2x8xf32>
}

/// Each key head twice, one for each of its query heads.
func.func private @shared_by_two(%x: tensor<?x?x2x8xf32>) -> tensor<?x?x4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x2x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x2x8xf32>
  %e = tensor.empty(%b, %n) : tensor<?x?x2x2x8xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, n, h, g, d) -> (b, n, h, d)>, affine_map<(b, n, h, g, d) -> (b, n, h, g, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x?x2x8xf32>) outs(%e : tensor<?x?x2x2x8xf32>) {
  ^bb0(%v: f32, %o: f32):
    linalg.yield %v : f32
  } -> tensor<?x?x2x2x8xf32>
  %out = tensor.collapse_shape %y [[0], [1], [2, 3], [4]] : tensor<?x?x2x2x8xf32> into tensor<?x?x4x8xf32>
  return %out : tensor<?x?x4x8xf32>
}
