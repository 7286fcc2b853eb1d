// Codebooks: keys by their nearest codes. Tensors are batch x tokens x heads x channels.
weft.import "products.mlir"
weft.import "so_far.mlir"

/// The greatest of each head's channels.
func.func private @greatest(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %low = arith.constant -3.0e38 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %lows = linalg.fill ins(%low : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, l) -> (b, t, h, l)>, affine_map<(b, t, h, l) -> (b, t, h)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%lows : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.maximumf %o, %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

/// 1 for the code that is nearest to a key, 0 for the others: where k c - |c|^2 / 2 is greatest.
func.func private @nearest(%k: tensor<?x?x?x?xf32>, %codes: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %half = arith.constant -0.5 : f32
  %h = tensor.dim %codes, %c0 : tensor<?x?x?xf32>
  %m = tensor.dim %codes, %c1 : tensor<?x?x?xf32>
  %empty = tensor.empty(%h, %m) : tensor<?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %offset = linalg.generic {indexing_maps = [affine_map<(h, m, d) -> (h, m, d)>, affine_map<(h, m, d) -> (h, m)>],
                            iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%codes : tensor<?x?x?xf32>) outs(%init : tensor<?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.mulf %0, %half : f32
      %2 = arith.addf %o, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<?x?xf32>
  %fit = func.call @project_heads(%k, %codes, %offset) : (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  %most = func.call @greatest(%fit) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, m) -> (b, t, h, m)>, affine_map<(b, t, h, m) -> (b, t, h)>, affine_map<(b, t, h, m) -> (b, t, h, m)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%fit, %most : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%fit : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %g: f32, %o: f32):
      %is = arith.cmpf oge, %a, %g : f32
      %0 = arith.select %is, %one, %zero : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// The code itself.
func.func private @look_up(%x: tensor<?x?x?x?xf32>, %codes: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %codes, %c0 : tensor<?x?x?xf32>
  %d = tensor.dim %codes, %c2 : tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d, m) -> (b, t, h, m)>, affine_map<(b, t, h, d, m) -> (h, m, d)>,
                                        affine_map<(b, t, h, d, m) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %codes : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

func.func private @split_in_two(%x: tensor<?x?x16xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %y = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %t, 2, 8] : tensor<?x?x16xf32> into tensor<?x?x2x8xf32>
  return %y : tensor<?x?x2x8xf32>
}

/// Attention to the tokens at least 4 before: exp(q c) of each code times the sums of its tokens' values and their number.
func.func private @attend_to_codes(%q: tensor<?x?x2x8xf32>, %code: tensor<?x?x2x6xf32>, %v: tensor<?x?x2x8xf32>, %codes: tensor<2x6x8xf32>)
    -> (tensor<?x?x2x8xf32>, tensor<?x2x?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %q, %c0 : tensor<?x?x2x8xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x2x8xf32>
  %none = arith.constant dense<0.0> : tensor<2x6xf32>
  %s = func.call @project_heads(%q, %codes, %none) : (tensor<?x?x2x8xf32>, tensor<2x6x8xf32>, tensor<2x6xf32>) -> tensor<?x?x2x6xf32>
  %most = func.call @greatest(%s) : (tensor<?x?x2x6xf32>) -> tensor<?x?x2xf32>
  %weights = linalg.generic {indexing_maps = [affine_map<(b, t, h, m) -> (b, t, h, m)>, affine_map<(b, t, h, m) -> (b, t, h)>, affine_map<(b, t, h, m) -> (b, t, h, m)>],
                             iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%s, %most : tensor<?x?x2x6xf32>, tensor<?x?x2xf32>) outs(%s : tensor<?x?x2x6xf32>) {
    ^bb0(%a: f32, %g: f32, %o: f32):
      %0 = arith.subf %a, %g : f32
      %1 = math.exp %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x2x6xf32>
  // Values, then a 1, which counts.
  %count = tensor.empty(%b, %t) : tensor<?x?x2x1xf32>
  %ones = linalg.fill ins(%one : f32) outs(%count : tensor<?x?x2x1xf32>) -> tensor<?x?x2x1xf32>
  %v1 = tensor.concat dim(3) %v, %ones : (tensor<?x?x2x8xf32>, tensor<?x?x2x1xf32>) -> tensor<?x?x2x9xf32>
  %vf = tensor.collapse_shape %v1 [[0], [1], [2, 3]] : tensor<?x?x2x9xf32> into tensor<?x?x18xf32>
  %cf = tensor.collapse_shape %code [[0], [1], [2, 3]] : tensor<?x?x2x6xf32> into tensor<?x?x12xf32>
  %new = tensor.concat dim(2) %vf, %cf : (tensor<?x?x18xf32>, tensor<?x?x12xf32>) -> tensor<?x?x30xf32>
  %old = func.call @delay(%new) : (tensor<?x?x30xf32>) -> tensor<?x?x30xf32>
  %vd = tensor.extract_slice %old[0, 0, 0] [%b, %t, 18] [1, 1, 1] : tensor<?x?x30xf32> to tensor<?x?x18xf32>
  %cd = tensor.extract_slice %old[0, 0, 18] [%b, %t, 12] [1, 1, 1] : tensor<?x?x30xf32> to tensor<?x?x12xf32>
  %value = tensor.expand_shape %vd [[0], [1], [2, 3]] output_shape [%b, %t, 2, 9] : tensor<?x?x18xf32> into tensor<?x?x2x9xf32>
  %key = tensor.expand_shape %cd [[0], [1], [2, 3]] output_shape [%b, %t, 2, 6] : tensor<?x?x12xf32> into tensor<?x?x2x6xf32>
  %sums, %state = weft.scan %weights, %key, %value transition(#weft.accumulate)
    : tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x9xf32> -> tensor<?x?x2x9xf32>, tensor<?x2x6x9xf32>
  %acc = tensor.extract_slice %sums[0, 0, 0, 0] [%b, %t, 2, 8] [1, 1, 1, 1] : tensor<?x?x2x9xf32> to tensor<?x?x2x8xf32>
  %last = tensor.extract_slice %sums[0, 0, 0, 8] [%b, %t, 2, 1] [1, 1, 1, 1] : tensor<?x?x2x9xf32> to tensor<?x?x2x1xf32>
  %n = tensor.collapse_shape %last [[0], [1], [2, 3]] : tensor<?x?x2x1xf32> into tensor<?x?x2xf32>
  %out = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                         iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%acc, %n : tensor<?x?x2x8xf32>, tensor<?x?x2xf32>) outs(%acc : tensor<?x?x2x8xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.divf %a, %c : f32
      %some = arith.cmpf ogt, %c, %zero : f32
      %1 = arith.select %some, %0, %zero : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x2x8xf32>
  %place = tensor.empty(%b, %t) : tensor<?x2x?xf32>
  %lse = linalg.generic {indexing_maps = [affine_map<(b, h, t) -> (b, t, h)>, affine_map<(b, h, t) -> (b, t, h)>, affine_map<(b, h, t) -> (b, h, t)>],
                         iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%most, %n : tensor<?x?x2xf32>, tensor<?x?x2xf32>) outs(%place : tensor<?x2x?xf32>) {
    ^bb0(%g: f32, %c: f32, %o: f32):
      %0 = math.log %c : f32
      %1 = arith.addf %g, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x2x?xf32>
  return %out, %lse : tensor<?x?x2x8xf32>, tensor<?x2x?xf32>
}
