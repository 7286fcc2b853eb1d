// Weights that are not divided by their sum: the sum is one value more. Tensors are batch x tokens x heads x channels.

/// Values, and 1 as one value more.
func.func private @append_one(%v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %v, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %v, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %v, %c2 : tensor<?x?x?x?xf32>
  %ones = tensor.splat %one[%b, %t, %h] : tensor<?x?x?x1xf32>
  %y = tensor.concat dim(3) %v, %ones : (tensor<?x?x?x?xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// Values, without the one more, and that.
func.func private @split_last(%x: tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %e = tensor.dim %x, %c3 : tensor<?x?x?x?xf32>
  %d = arith.subi %e, %c1 : index
  %values = tensor.extract_slice %x[0, 0, 0, 0] [%b, %t, %h, %d] [1, 1, 1, 1] : tensor<?x?x?x?xf32> to tensor<?x?x?x?xf32>
  %last = tensor.extract_slice %x[0, 0, 0, %d] [%b, %t, %h, 1] [1, 1, 1, 1] : tensor<?x?x?x?xf32> to tensor<?x?x?x1xf32>
  %sums = tensor.collapse_shape %last [[0], [1], [2, 3]] : tensor<?x?x?x1xf32> into tensor<?x?x?xf32>
  return %values, %sums : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>
}

/// Each value over the one more.
func.func private @divide_by_last(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %values, %sums = func.call @split_last(%x) : (tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>,
                                        affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%values, %sums : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%values : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.divf %a, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// Whether a sum of a row is outside of [low, high].
func.func private @any_outside(%x: tensor<?x?x?x?xf32>, %low: f32, %high: f32) -> i1 {
  %none = arith.constant dense<false> : tensor<i1>
  %values, %sums = func.call @split_last(%x) : (tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %any = linalg.generic {indexing_maps = [affine_map<(b, t, h) -> (b, t, h)>, affine_map<(b, t, h) -> ()>],
                         iterator_types = ["reduction", "reduction", "reduction"]}
    ins(%sums : tensor<?x?x?xf32>) outs(%none : tensor<i1>) {
    ^bb0(%s: f32, %o: i1):
      %below = arith.cmpf ult, %s, %low : f32
      %above = arith.cmpf ugt, %s, %high : f32
      %0 = arith.ori %below, %above : i1
      %1 = arith.ori %0, %o : i1
      linalg.yield %1 : i1
  } -> tensor<i1>
  %y = tensor.extract %any[] : tensor<i1>
  return %y : i1
}
