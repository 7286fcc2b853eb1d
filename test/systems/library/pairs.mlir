// Products of each two tokens, batch x n^2 x heads x channels.
func.func private @pairs(%x: tensor<?x?x2x8xf32>, %y: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x2x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x2x8xf32>
  %e = tensor.empty(%b, %n, %n) : tensor<?x?x?x2x8xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(b, j, l, h, d) -> (b, j, h, d)>, affine_map<(b, j, l, h, d) -> (b, l, h, d)>,
      affine_map<(b, j, l, h, d) -> (b, j, l, h, d)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %y : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>) outs(%e : tensor<?x?x?x2x8xf32>) {
  ^bb0(%u: f32, %v: f32, %o: f32):
    %0 = arith.mulf %u, %v : f32
    linalg.yield %0 : f32
  } -> tensor<?x?x?x2x8xf32>
  %out = tensor.collapse_shape %p [[0], [1, 2], [3], [4]] : tensor<?x?x?x2x8xf32> into tensor<?x?x2x8xf32>
  return %out : tensor<?x?x2x8xf32>
}
