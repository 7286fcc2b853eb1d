// Sums along the tokens.

/// out[t] = x[0] + ... + x[t] for each of 4 heads.
func.func private @cumulative_sum(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %ones = tensor.splat %one[%b, %n] : tensor<?x?x4x1xf32>
  %gates = tensor.splat %one[%b, %n] : tensor<?x?x4xf32>
  %v = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %n, 4, 1] : tensor<?x?x4xf32> into tensor<?x?x4x1xf32>
  %y, %last = weft.scan %ones, %ones, %v transition(#weft.decay<scalar> gates %gates)
    : tensor<?x?x4x1xf32>, tensor<?x?x4x1xf32>, tensor<?x?x4x1xf32>, tensor<?x?x4xf32>
    -> tensor<?x?x4x1xf32>, tensor<?x4x1x1xf32>
  %out = tensor.collapse_shape %y [[0], [1], [2, 3]] : tensor<?x?x4x1xf32> into tensor<?x?x4xf32>
  return %out : tensor<?x?x4xf32>
}
