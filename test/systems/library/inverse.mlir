// Pseudo-inverses of small matrices by iteration. Tensors are batch x tokens x heads x channels.
weft.import "products.mlir"

/// The greatest sum of a column of each matrix.
func.func private @greatest_column(%a: tensor<?x?x?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %a, %c0 : tensor<?x?x?x?xf32>
  %m = tensor.dim %a, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %a, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %h, %m) : tensor<?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %sums = linalg.generic {indexing_maps = [affine_map<(b, h, j, i) -> (b, i, h, j)>, affine_map<(b, h, j, i) -> (b, h, j)>],
                          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%a : tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?xf32>) {
    ^bb0(%p: f32, %o: f32):
      %0 = arith.addf %o, %p : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?xf32>
  %none = tensor.empty(%b, %h) : tensor<?x?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%none : tensor<?x?xf32>) -> tensor<?x?xf32>
  %most = linalg.generic {indexing_maps = [affine_map<(b, h, j) -> (b, h, j)>, affine_map<(b, h, j) -> (b, h)>],
                          iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%sums : tensor<?x?x?xf32>) outs(%zeros : tensor<?x?xf32>) {
    ^bb0(%p: f32, %o: f32):
      %0 = arith.maximumf %o, %p : f32
      linalg.yield %0 : f32
  } -> tensor<?x?xf32>
  return %most : tensor<?x?xf32>
}

/// The transpose of each matrix over its number.
func.func private @transpose_over(%a: tensor<?x?x?x?xf32>, %most: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %z = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, j, h, i)>, affine_map<(b, i, h, j) -> (b, h)>, affine_map<(b, i, h, j) -> (b, i, h, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%a, %most : tensor<?x?x?x?xf32>, tensor<?x?xf32>) outs(%a : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %s: f32, %o: f32):
      %0 = arith.divf %p, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

/// Where Newton's iteration to the inverse starts: the transpose over the greatest sums of a column and of a row, which
/// is 1 in the first and as that of a column in the second.
func.func private @start_stochastic(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %most = func.call @greatest_column(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?xf32>
  %z = func.call @transpose_over(%a, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

func.func private @start_symmetric(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %most = func.call @greatest_column(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?xf32>
  %y = func.call @transpose_over(%a, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  %z = func.call @transpose_over(%y, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

/// Z (13 I - A Z (15 I - A Z (7 I - A Z))) / 4.
func.func private @improve_inverse(%a: tensor<?x?x?x?xf32>, %z: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %seven = arith.constant 7.0 : f32
  %fifteen = arith.constant 15.0 : f32
  %thirteen = arith.constant 13.0 : f32
  %quarter = arith.constant 0.25 : f32
  %az = func.call @multiply(%a, %z) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %0 = func.call @subtract_from_unit(%az, %seven) : (tensor<?x?x?x?xf32>, f32) -> tensor<?x?x?x?xf32>
  %1 = func.call @multiply(%az, %0) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %2 = func.call @subtract_from_unit(%1, %fifteen) : (tensor<?x?x?x?xf32>, f32) -> tensor<?x?x?x?xf32>
  %3 = func.call @multiply(%az, %2) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %4 = func.call @subtract_from_unit(%3, %thirteen) : (tensor<?x?x?x?xf32>, f32) -> tensor<?x?x?x?xf32>
  %5 = func.call @multiply(%z, %4) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, i, h, j)>, affine_map<(b, i, h, j) -> (b, i, h, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%5 : tensor<?x?x?x?xf32>) outs(%5 : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %o: f32):
      %6 = arith.mulf %p, %quarter : f32
      linalg.yield %6 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @invert(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %z0 = func.call @start_stochastic(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z1 = func.call @improve_inverse(%a, %z0) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z2 = func.call @improve_inverse(%a, %z1) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z3 = func.call @improve_inverse(%a, %z2) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z4 = func.call @improve_inverse(%a, %z3) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z5 = func.call @improve_inverse(%a, %z4) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z6 = func.call @improve_inverse(%a, %z5) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z6 : tensor<?x?x?x?xf32>
}

/// Z (2 I - A Z), Newton's step to the inverse.
func.func private @newton(%a: tensor<?x?x?x?xf32>, %z: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %two = arith.constant 2.0 : f32
  %az = func.call @multiply(%a, %z) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %0 = func.call @subtract_from_unit(%az, %two) : (tensor<?x?x?x?xf32>, f32) -> tensor<?x?x?x?xf32>
  %y = func.call @multiply(%z, %0) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
