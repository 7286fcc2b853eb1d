// Means over tokens, and what is taken off or divided by them. Tensors are batch x tokens x heads x channels.

/// The mean of each segment of a few tokens, segments x length of them.
func.func private @mean_segments(%x: tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?x?x?x?xf32>
  %l = tensor.dim %x, %c2 : tensor<?x?x?x?x?xf32>
  %h = tensor.dim %x, %c3 : tensor<?x?x?x?x?xf32>
  %d = tensor.dim %x, %c4 : tensor<?x?x?x?x?xf32>
  %int = arith.index_cast %l : index to i64
  %length = arith.sitofp %int : i64 to f32
  %empty = tensor.empty(%b, %m, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, m, h, d, l) -> (b, m, l, h, d)>, affine_map<(b, m, h, d, l) -> (b, m, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.divf %a, %length : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// The mean over all tokens, as one token.
func.func private @mean_tokens(%x: tensor<?x?x?x?xf32>) -> tensor<?x1x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %x, %c3 : tensor<?x?x?x?xf32>
  %one = tensor.expand_shape %x [[0], [1, 2], [3], [4]] output_shape [%b, 1, %t, %h, %d] : tensor<?x?x?x?xf32> into tensor<?x1x?x?x?xf32>
  %any = tensor.cast %one : tensor<?x1x?x?x?xf32> to tensor<?x?x?x?x?xf32>
  %mean = func.call @mean_segments(%any) : (tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = tensor.cast %mean : tensor<?x?x?x?xf32> to tensor<?x1x?x?xf32>
  return %y : tensor<?x1x?x?xf32>
}

/// The mean of each cell of a grid: batch x rows x height x columns x width x heads x channels.
func.func private @mean_cells(%x: tensor<?x?x?x?x?x?x?xf32>) -> tensor<?x?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?x?x?x?xf32>
  %i = tensor.dim %x, %c1 : tensor<?x?x?x?x?x?x?xf32>
  %u = tensor.dim %x, %c2 : tensor<?x?x?x?x?x?x?xf32>
  %j = tensor.dim %x, %c3 : tensor<?x?x?x?x?x?x?xf32>
  %v = tensor.dim %x, %c4 : tensor<?x?x?x?x?x?x?xf32>
  %h = tensor.dim %x, %c5 : tensor<?x?x?x?x?x?x?xf32>
  %d = tensor.dim %x, %c6 : tensor<?x?x?x?x?x?x?xf32>
  %cell = arith.muli %u, %v : index
  %int = arith.index_cast %cell : index to i64
  %size = arith.sitofp %int : i64 to f32
  %empty = tensor.empty(%b, %i, %j, %h, %d) : tensor<?x?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, j, h, d, u, v) -> (b, i, u, j, v, h, d)>, affine_map<(b, i, j, h, d, u, v) -> (b, i, j, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
    ins(%x : tensor<?x?x?x?x?x?x?xf32>) outs(%init : tensor<?x?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.divf %a, %size : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?x?xf32>
  return %y : tensor<?x?x?x?x?xf32>
}

/// products / N + (1 - q mean(k)) mean(v).
func.func private @subtract_mean(%products: tensor<?x?x?x?xf32>, %q: tensor<?x?x?x?xf32>, %km: tensor<?x1x?x?xf32>, %vm: tensor<?x1x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %q, %c2 : tensor<?x?x?x?xf32>
  %int = arith.index_cast %t : index to i64
  %n = arith.sitofp %int : i64 to f32
  %k = tensor.collapse_shape %km [[0], [1, 2], [3]] : tensor<?x1x?x?xf32> into tensor<?x?x?xf32>
  %v = tensor.collapse_shape %vm [[0], [1, 2], [3]] : tensor<?x1x?x?xf32> into tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %ones = linalg.fill ins(%one : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %rest = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>],
                          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%q, %k : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%ones : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %m: f32, %o: f32):
      %0 = arith.mulf %a, %m : f32
      %1 = arith.subf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>, affine_map<(b, t, h, d) -> (b, h, d)>,
                                        affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%products, %rest, %v : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) outs(%products : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %r: f32, %m: f32, %o: f32):
      %0 = arith.divf %p, %n : f32
      %1 = arith.mulf %r, %m : f32
      %2 = arith.addf %0, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// x / N / (q m) for the mean m of the keys.
func.func private @over_mean(%x: tensor<?x?x?x?xf32>, %q: tensor<?x?x?x?xf32>, %mean: tensor<?x1x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %q, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %q, %c2 : tensor<?x?x?x?xf32>
  %tokens = arith.index_cast %t : index to i64
  %n = arith.sitofp %tokens : i64 to f32
  %m = tensor.collapse_shape %mean [[0], [1, 2], [3]] : tensor<?x1x?x?xf32> into tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %sums = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>],
                          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%q, %m : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%init : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x, %sums : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.mulf %s, %n : f32
      %1 = arith.divf %a, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
