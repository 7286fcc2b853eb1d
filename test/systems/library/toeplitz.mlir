// Linear attention whose weights also depend on the distance: sums of key features times values along the
// tokens by weft.long_conv, between these. Tensors are batch x tokens x heads x channels.
weft.import "weight_sums.mlir"

/// Taps of filters from the logarithms of their weights by head and key's minus query's position, the least first.
func.func private @taps_of_bias(%bias: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %h = tensor.dim %bias, %c0 : tensor<?x?xf32>
  %l = tensor.dim %bias, %c1 : tensor<?x?xf32>
  %last = arith.subi %l, %c1 : index
  %empty = tensor.empty(%l, %h) : tensor<?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(l, h) -> (l, h)>], iterator_types = ["parallel", "parallel"]}
    outs(%empty : tensor<?x?xf32>) {
    ^bb0(%o: f32):
      %row = linalg.index 0 : index
      %head = linalg.index 1 : index
      %at = arith.subi %last, %row : index
      %0 = tensor.extract %bias[%head, %at] : tensor<?x?xf32>
      %1 = math.exp %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

/// Features times values, and times 1 as one value more.
func.func private @features_by_values(%f: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %f, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %f, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %f, %c2 : tensor<?x?x?x?xf32>
  %n = tensor.dim %f, %c3 : tensor<?x?x?x?xf32>
  %all = func.call @append_one(%v) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %e = tensor.dim %all, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %n, %e) : tensor<?x?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, f, d) -> (b, t, h, f)>, affine_map<(b, t, h, f, d) -> (b, t, h, d)>,
                                        affine_map<(b, t, h, f, d) -> (b, t, h, f, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
    ins(%f, %all : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%empty : tensor<?x?x?x?x?xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.mulf %a, %c : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?x?xf32>
  return %y : tensor<?x?x?x?x?xf32>
}

/// Features of queries times these sums, then each value over the one more.
func.func private @read_by_features(%f: tensor<?x?x?x?xf32>, %sums: tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %sums, %c0 : tensor<?x?x?x?x?xf32>
  %t = tensor.dim %sums, %c1 : tensor<?x?x?x?x?xf32>
  %h = tensor.dim %sums, %c2 : tensor<?x?x?x?x?xf32>
  %e = tensor.dim %sums, %c4 : tensor<?x?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %e) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %read = linalg.generic {indexing_maps = [affine_map<(b, t, h, d, f) -> (b, t, h, f)>, affine_map<(b, t, h, d, f) -> (b, t, h, f, d)>,
                                           affine_map<(b, t, h, d, f) -> (b, t, h, d)>],
                          iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%f, %sums : tensor<?x?x?x?xf32>, tensor<?x?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  %y = func.call @divide_by_last(%read) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
