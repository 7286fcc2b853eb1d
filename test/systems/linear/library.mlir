// What descriptions of linear attention share. Tensors are batch x tokens x heads x channels.

// Products with a matrix per head, features x channels, and a bias per head.
func.func @project_heads(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?x?xf32>, %bias: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %w, %c0 : tensor<?x?x?xf32>
  %f = tensor.dim %w, %c1 : tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %f) : tensor<?x?x?x?xf32>
  %init = linalg.generic {indexing_maps = [affine_map<(b, t, h, f) -> (h, f)>, affine_map<(b, t, h, f) -> (b, t, h, f)>],
                          iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%bias : tensor<?x?xf32>) outs(%empty : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, f, d) -> (b, t, h, d)>, affine_map<(b, t, h, f, d) -> (h, f, d)>,
                                        affine_map<(b, t, h, f, d) -> (b, t, h, f)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %m: f32, %o: f32):
      %0 = arith.mulf %a, %m : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// Products along the tokens with a matrix, results x tokens.
func.func @project_tokens(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %m = tensor.dim %w, %c0 : tensor<?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %x, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %m, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, m, h, d, n) -> (b, n, h, d)>, affine_map<(b, m, h, d, n) -> (m, n)>,
                                        affine_map<(b, m, h, d, n) -> (b, m, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<?x?x?x?xf32>, tensor<?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %e: f32, %o: f32):
      %0 = arith.mulf %a, %e : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// The mean of each segment of a few tokens, segments x length of them.
func.func @mean_segments(%x: tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// The mean over all tokens, as one token.
func.func @mean_tokens(%x: tensor<?x?x?x?xf32>) -> tensor<?x1x?x?xf32> {
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

// Products of m x k and k x n matrices: rows are tokens, columns are channels.
func.func @multiply(%x: tensor<?x?x?x?xf32>, %y: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %m = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %n = tensor.dim %y, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %m, %h, %n) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(b, m, h, n, k) -> (b, m, h, k)>, affine_map<(b, m, h, n, k) -> (b, k, h, n)>,
                                        affine_map<(b, m, h, n, k) -> (b, m, h, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %y : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %q: f32, %o: f32):
      %0 = arith.mulf %p, %q : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

// a I - X.
func.func @subtract_from_unit(%x: tensor<?x?x?x?xf32>, %a: f32) -> tensor<?x?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, i, h, j)>, affine_map<(b, i, h, j) -> (b, i, h, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %o: f32):
      %i = linalg.index 1 : index
      %j = linalg.index 3 : index
      %on = arith.cmpi eq, %i, %j : index
      %0 = arith.select %on, %a, %zero : f32
      %1 = arith.subf %0, %p : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// Each channel of a grid of tokens, rows x columns, convolved with its filter of odd sides, zeros around; and added.
func.func @convolve_grid(%x: tensor<?x?x?x?xf32>, %filter: tensor<?x?x?xf32>, %acc: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// The number of tokens so far, this one too, for each head: a scan over ones, so that it goes on in a piece.
func.func @count_tokens(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?x1xf32>
  %ones = linalg.fill ins(%one : f32) outs(%empty : tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32>
  %n, %s = weft.scan %ones, %ones, %ones transition(#weft.accumulate)
    : tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32> -> tensor<?x?x?x1xf32>, tensor<?x?x1x1xf32>
  %y = tensor.collapse_shape %n [[0], [1], [2, 3]] : tensor<?x?x?x1xf32> into tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

// x / n^sigmoid(m), with n of each token and m of each head.
func.func @divide_by_power(%x: tensor<?x?x?x?xf32>, %n: tensor<?x?x?xf32>, %m: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
  %one = arith.constant 1.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>, affine_map<(b, t, h, d) -> (h)>,
                                        affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x, %n, %m : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %count: f32, %logit: f32, %o: f32):
      %0 = arith.negf %logit : f32
      %1 = math.exp %0 : f32
      %2 = arith.addf %1, %one : f32
      %3 = math.log %count : f32
      %4 = arith.divf %3, %2 : f32
      %5 = arith.negf %4 : f32
      %6 = math.exp %5 : f32
      %7 = arith.mulf %a, %6 : f32
      linalg.yield %7 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// sigmoid(logit) where a sentence starts, 1 elsewhere.
func.func @forget_at_starts(%logit: tensor<?x?x?xf32>, %start: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h) -> (b, t, h)>, affine_map<(b, t, h) -> (b, t)>, affine_map<(b, t, h) -> (b, t, h)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%logit, %start : tensor<?x?x?xf32>, tensor<?x?xf32>) outs(%logit : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.negf %a : f32
      %1 = math.exp %0 : f32
      %2 = arith.addf %1, %one : f32
      %3 = arith.divf %one, %2 : f32
      %starts = arith.cmpf ogt, %s, %zero : f32
      %4 = arith.select %starts, %3, %one : f32
      linalg.yield %4 : f32
  } -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

// Each head times its number.
func.func @scale_heads(%x: tensor<?x?x?x?xf32>, %scale: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (h)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x, %scale : tensor<?x?x?x?xf32>, tensor<?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.mulf %a, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// relu(x) cos(pi i / 2M), then relu(x) sin(pi i / 2M), of token i, M = 64.
func.func @cos_features(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %zero = arith.constant 0.0 : f32
  %step = arith.constant 0.02454369260617026 : f32
  %n = func.call @count_tokens(%x) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32>
  %cos, %sin = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>,
                                                affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                               iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x, %n : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%x, %x : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %count: f32, %o: f32, %p: f32):
      %positive = arith.maximumf %a, %zero : f32
      %angle = arith.mulf %count, %step : f32
      %0 = math.cos %angle : f32
      %1 = math.sin %angle : f32
      %2 = arith.mulf %positive, %0 : f32
      %3 = arith.mulf %positive, %1 : f32
      linalg.yield %2, %3 : f32, f32
  } -> (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>)
  %y = tensor.concat dim(3) %cos, %sin : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// The greatest sum of a column of each matrix.
func.func @greatest_column(%a: tensor<?x?x?x?xf32>) -> tensor<?x?xf32> {
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

// The transpose of each matrix over its number.
func.func @transpose_over(%a: tensor<?x?x?x?xf32>, %most: tensor<?x?xf32>) -> tensor<?x?x?x?xf32> {
  %z = linalg.generic {indexing_maps = [affine_map<(b, i, h, j) -> (b, j, h, i)>, affine_map<(b, i, h, j) -> (b, h)>, affine_map<(b, i, h, j) -> (b, i, h, j)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%a, %most : tensor<?x?x?x?xf32>, tensor<?x?xf32>) outs(%a : tensor<?x?x?x?xf32>) {
    ^bb0(%p: f32, %s: f32, %o: f32):
      %0 = arith.divf %p, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

// Where Newton's iteration to the inverse starts: the transpose over the greatest sums of a column and of a row, which
// is 1 in the first and as that of a column in the second.
func.func @start_stochastic(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %most = func.call @greatest_column(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?xf32>
  %z = func.call @transpose_over(%a, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}
func.func @start_symmetric(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %most = func.call @greatest_column(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?xf32>
  %y = func.call @transpose_over(%a, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  %z = func.call @transpose_over(%y, %most) : (tensor<?x?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z : tensor<?x?x?x?xf32>
}

// Z (13 I - A Z (15 I - A Z (7 I - A Z))) / 4.
func.func @improve_inverse(%a: tensor<?x?x?x?xf32>, %z: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

func.func @invert(%a: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %z0 = func.call @start_stochastic(%a) : (tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z1 = func.call @improve_inverse(%a, %z0) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z2 = func.call @improve_inverse(%a, %z1) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z3 = func.call @improve_inverse(%a, %z2) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z4 = func.call @improve_inverse(%a, %z3) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z5 = func.call @improve_inverse(%a, %z4) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %z6 = func.call @improve_inverse(%a, %z5) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %z6 : tensor<?x?x?x?xf32>
}

// Z (2 I - A Z), Newton's step to the inverse.
func.func @newton(%a: tensor<?x?x?x?xf32>, %z: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %two = arith.constant 2.0 : f32
  %az = func.call @multiply(%a, %z) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %0 = func.call @subtract_from_unit(%az, %two) : (tensor<?x?x?x?xf32>, f32) -> tensor<?x?x?x?xf32>
  %y = func.call @multiply(%z, %0) : (tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// exp(-|q_i - k_j|^2 / 2 sqrt(d)), times values, not normalised: Gaussian weights. `a` is 1 / sqrt(d).
func.func @gaussian(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x16xf32>, %a: f32) -> tensor<?x?x2x16xf32> {
  %half = arith.constant 0.5 : f32
  %qq = func.call @square(%q) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %kk = func.call @square(%k) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %y = weft.attention %q, %k, %v rows %qq columns %kk normaliser(#weft.none) scale(1.0)
    score(%s, %b, %h, %i, %j, %x, %z) {
      %0 = arith.addf %x, %z : f32
      %1 = arith.mulf %half, %0 : f32
      %2 = arith.subf %s, %1 : f32
      %3 = arith.mulf %a, %2 : f32
      %4 = math.exp %3 : f32
      weft.yield %4 : f32
    } : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32> rows tensor<?x?x2xf32> columns tensor<?x?x2xf32> -> tensor<?x?x2x16xf32>
  return %y : tensor<?x?x2x16xf32>
}

// The same for values of 4 channels.
func.func @gaussian_of_4(%q: tensor<?x?x2x16xf32>, %k: tensor<?x?x2x16xf32>, %v: tensor<?x?x2x4xf32>, %a: f32) -> tensor<?x?x2x4xf32> {
  %half = arith.constant 0.5 : f32
  %qq = func.call @square(%q) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %kk = func.call @square(%k) : (tensor<?x?x2x16xf32>) -> tensor<?x?x2xf32>
  %y = weft.attention %q, %k, %v rows %qq columns %kk normaliser(#weft.none) scale(1.0)
    score(%s, %b, %h, %i, %j, %x, %z) {
      %0 = arith.addf %x, %z : f32
      %1 = arith.mulf %half, %0 : f32
      %2 = arith.subf %s, %1 : f32
      %3 = arith.mulf %a, %2 : f32
      %4 = math.exp %3 : f32
      weft.yield %4 : f32
    } : tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x4xf32> rows tensor<?x?x2xf32> columns tensor<?x?x2xf32> -> tensor<?x?x2x4xf32>
  return %y : tensor<?x?x2x4xf32>
}

// The sum of the squares of each head's channels.
func.func @square(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.addf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

// The bucket of each table as a vector of one 1: bit t of a bucket's number is whether projection t is positive.
func.func @hash(%y: tensor<?x?x?x?xf32>) -> tensor<?x?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %y, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %y, %c1 : tensor<?x?x?x?xf32>
  %m = tensor.dim %y, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %m) : tensor<?x?x?x16xf32>
  %init = linalg.fill ins(%one : f32) outs(%empty : tensor<?x?x?x16xf32>) -> tensor<?x?x?x16xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(b, t, m, k, i) -> (b, t, m, i)>, affine_map<(b, t, m, k, i) -> (b, t, m, k)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%y : tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?x16xf32>) {
    ^bb0(%a: f32, %o: f32):
      %bucket = linalg.index 3 : index
      %i = linalg.index 4 : index
      %shifted = arith.shrui %bucket, %i : index
      %bit = arith.andi %shifted, %c1 : index
      %set = arith.cmpi eq, %bit, %c1 : index
      %positive = arith.cmpf ogt, %a, %zero : f32
      %other = arith.xori %set, %positive : i1
      %0 = arith.select %other, %zero, %one : f32
      %1 = arith.mulf %o, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x16xf32>
  return %x : tensor<?x?x?x16xf32>
}

// Values for each of the tables of a head.
func.func @repeat_heads(%v: tensor<?x?x?x?xf32>, %tables: index) -> tensor<?x?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %v, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %v, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %v, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %v, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %tables, %d) : tensor<?x?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, m, d) -> (b, t, h, d)>, affine_map<(b, t, h, m, d) -> (b, t, h, m, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
    ins(%v : tensor<?x?x?x?xf32>) outs(%empty : tensor<?x?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      linalg.yield %a : f32
  } -> tensor<?x?x?x?x?xf32>
  return %y : tensor<?x?x?x?x?xf32>
}

// The sum over the tables of a head.
func.func @sum_tables(%x: tensor<?x?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?x?x?xf32>
  %h = tensor.dim %x, %c2 : tensor<?x?x?x?x?xf32>
  %d = tensor.dim %x, %c4 : tensor<?x?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %d) : tensor<?x?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d, m) -> (b, t, h, m, d)>, affine_map<(b, t, h, d, m) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?x?x?xf32>) outs(%init : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.addf %o, %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// products / N + (1 - q mean(k)) mean(v).
func.func @subtract_mean(%products: tensor<?x?x?x?xf32>, %q: tensor<?x?x?x?xf32>, %km: tensor<?x1x?x?xf32>, %vm: tensor<?x1x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// As convolve_grid, with a filter for each batch.
func.func @convolve_by_own(%x: tensor<?x?x?x?xf32>, %filter: tensor<?x?x?x?xf32>, %acc: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// The mean of each cell of a grid: batch x rows x height x columns x width x heads x channels.
func.func @mean_cells(%x: tensor<?x?x?x?x?x?x?xf32>) -> tensor<?x?x?x?x?xf32> {
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

// acc + the convolution of the 6 x 6 grid of tokens, batch 2, 2 heads of 16 channels.
func.func @add_convolution(%v: tensor<2x36x2x16xf32>, %filter: tensor<?x?x32xf32>, %acc: tensor<2x36x2x16xf32>) -> tensor<2x36x2x16xf32> {
  %vf = tensor.collapse_shape %v [[0], [1], [2, 3]] : tensor<2x36x2x16xf32> into tensor<2x36x32xf32>
  %vg = tensor.expand_shape %vf [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into tensor<2x6x6x32xf32>
  %af = tensor.collapse_shape %acc [[0], [1], [2, 3]] : tensor<2x36x2x16xf32> into tensor<2x36x32xf32>
  %ag = tensor.expand_shape %af [[0], [1, 2], [3]] output_shape [2, 6, 6, 32] : tensor<2x36x32xf32> into tensor<2x6x6x32xf32>
  %y = func.call @convolve_grid(%vg, %filter, %ag) : (tensor<2x6x6x32xf32>, tensor<?x?x32xf32>, tensor<2x6x6x32xf32>) -> tensor<2x6x6x32xf32>
  %yf = tensor.collapse_shape %y [[0], [1, 2], [3]] : tensor<2x6x6x32xf32> into tensor<2x36x32xf32>
  %out = tensor.expand_shape %yf [[0], [1], [2, 3]] output_shape [2, 36, 2, 16] : tensor<2x36x32xf32> into tensor<2x36x2x16xf32>
  return %out : tensor<2x36x2x16xf32>
}

// elu(x) + 1, where a scan's own features come too late.
func.func @elu_plus_one(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.minimumf %a, %zero : f32
      %1 = math.exp %0 : f32
      %2 = arith.addf %a, %one : f32
      %above = arith.cmpf ogt, %a, %zero : f32
      %3 = arith.select %above, %2, %1 : f32
      linalg.yield %3 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// Keys times N softmax(q k / sqrt(d)) of one query.
func.func @weigh_keys(%q: tensor<?x1x?x?xf32>, %k: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %b = tensor.dim %k, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %k, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %k, %c2 : tensor<?x?x?x?xf32>
  %d = tensor.dim %k, %c3 : tensor<?x?x?x?xf32>
  %tokens = arith.index_cast %t : index to i64
  %n = arith.sitofp %tokens : i64 to f32
  %channels = arith.index_cast %d : index to i64
  %width = arith.sitofp %channels : i64 to f32
  %scale = math.rsqrt %width : f32
  %flat = tensor.collapse_shape %q [[0], [1, 2], [3]] : tensor<?x1x?x?xf32> into tensor<?x?x?xf32>
  %empty = tensor.empty(%b, %h, %t) : tensor<?x?x?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %s = linalg.generic {indexing_maps = [affine_map<(b, h, t, d) -> (b, h, d)>, affine_map<(b, h, t, d) -> (b, t, h, d)>, affine_map<(b, h, t, d) -> (b, h, t)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%flat, %k : tensor<?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%init : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %c: f32, %o: f32):
      %0 = arith.mulf %a, %c : f32
      %1 = arith.mulf %0, %scale : f32
      %2 = arith.addf %o, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<?x?x?xf32>
  %weights = linalg.softmax dimension(2) ins(%s : tensor<?x?x?xf32>) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, h, t)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%k, %weights : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%k : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %w: f32, %o: f32):
      %0 = arith.mulf %w, %n : f32
      %1 = arith.mulf %a, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// x / N / (q m) for the mean m of the keys.
func.func @over_mean(%x: tensor<?x?x?x?xf32>, %q: tensor<?x?x?x?xf32>, %mean: tensor<?x1x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// exp(W x) of unit x.
func.func @positive_features(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %h = tensor.dim %w, %c0 : tensor<?x?x?xf32>
  %f = tensor.dim %w, %c1 : tensor<?x?x?xf32>
  %empty = tensor.empty(%h, %f) : tensor<?x?xf32>
  %none = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?xf32>) -> tensor<?x?xf32>
  %p = func.call @project_heads(%x, %w, %none) : (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?x?xf32>
  %y = math.exp %p : tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// The sum of each of 2 x 8 channels over the tokens so far: a scan of one row.
func.func @sum_so_far(%x: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x2x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x2x8xf32>
  %empty = tensor.empty(%b, %t) : tensor<?x?x2x1xf32>
  %ones = linalg.fill ins(%one : f32) outs(%empty : tensor<?x?x2x1xf32>) -> tensor<?x?x2x1xf32>
  %y, %s = weft.scan %ones, %ones, %x transition(#weft.accumulate)
    : tensor<?x?x2x1xf32>, tensor<?x?x2x1xf32>, tensor<?x?x2x8xf32> -> tensor<?x?x2x8xf32>, tensor<?x2x1x8xf32>
  return %y : tensor<?x?x2x8xf32>
}

// softmax(q) / total of each latent.
func.func @latent_shares(%q: tensor<?x?x?x?xf32>, %totals: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %low = arith.constant -3.0e38 : f32
  %b = tensor.dim %q, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %q, %c2 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h) : tensor<?x?x?xf32>
  %lows = linalg.fill ins(%low : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %most = linalg.generic {indexing_maps = [affine_map<(b, t, h, l) -> (b, t, h, l)>, affine_map<(b, t, h, l) -> (b, t, h)>],
                          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%q : tensor<?x?x?x?xf32>) outs(%lows : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.maximumf %o, %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %sums = linalg.generic {indexing_maps = [affine_map<(b, t, h, l) -> (b, t, h, l)>, affine_map<(b, t, h, l) -> (b, t, h)>, affine_map<(b, t, h, l) -> (b, t, h)>],
                          iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%q, %most : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%zeros : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %m: f32, %o: f32):
      %0 = arith.subf %a, %m : f32
      %1 = math.exp %0 : f32
      %2 = arith.addf %o, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, l) -> (b, t, h, l)>, affine_map<(b, t, h, l) -> (b, t, h)>, affine_map<(b, t, h, l) -> (b, t, h)>,
                                        affine_map<(b, t, h, l) -> (b, t, h, l)>, affine_map<(b, t, h, l) -> (b, t, h, l)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%q, %most, %sums, %totals : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>, tensor<?x?x?x?xf32>) outs(%q : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %m: f32, %s: f32, %n: f32, %o: f32):
      %0 = arith.subf %a, %m : f32
      %1 = math.exp %0 : f32
      %2 = arith.mulf %s, %n : f32
      %3 = arith.divf %1, %2 : f32
      linalg.yield %3 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

// h_t = exp(rate) h_{t-1} + (1 - exp(rate)) x_t of each channel.
func.func @moving_average(%x: tensor<?x?x32xf32>, %rate: tensor<1x1x32xf32>) -> tensor<?x?x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x32xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x32xf32>
  %flat = tensor.collapse_shape %rate [[0, 1, 2]] : tensor<1x1x32xf32> into tensor<32xf32>
  %new = linalg.generic {indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>, affine_map<(b, t, c) -> (c)>, affine_map<(b, t, c) -> (b, t, c)>],
                         iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x, %flat : tensor<?x?x32xf32>, tensor<32xf32>) outs(%x : tensor<?x?x32xf32>) {
    ^bb0(%a: f32, %r: f32, %o: f32):
      %0 = math.exp %r : f32
      %1 = arith.subf %one, %0 : f32
      %2 = arith.mulf %a, %1 : f32
      linalg.yield %2 : f32
  } -> tensor<?x?x32xf32>
  %value = tensor.expand_shape %new [[0], [1], [2, 3]] output_shape [%b, %t, 1, 32] : tensor<?x?x32xf32> into tensor<?x?x1x32xf32>
  %empty = tensor.empty(%b, %t) : tensor<?x?x1x1xf32>
  %row = linalg.fill ins(%one : f32) outs(%empty : tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32>
  %wide = tensor.empty(%b, %t) : tensor<?x?x1x32xf32>
  %steps = linalg.fill ins(%one : f32) outs(%wide : tensor<?x?x1x32xf32>) -> tensor<?x?x1x32xf32>
  %y, %s = weft.scan %row, %row, %value transition(#weft.selective gates %steps, %rate)
    : tensor<?x?x1x1xf32>, tensor<?x?x1x1xf32>, tensor<?x?x1x32xf32>, tensor<?x?x1x32xf32>, tensor<1x1x32xf32> -> tensor<?x?x1x32xf32>, tensor<?x1x1x32xf32>
  %h = tensor.collapse_shape %y [[0], [1], [2, 3]] : tensor<?x?x1x32xf32> into tensor<?x?x32xf32>
  return %h : tensor<?x?x32xf32>
}

func.func @split_in_two(%x: tensor<?x?x16xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %y = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %t, 2, 8] : tensor<?x?x16xf32> into tensor<?x?x2x8xf32>
  return %y : tensor<?x?x2x8xf32>
}

// The greatest of each head's channels.
func.func @greatest(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
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

// 1 for the code that is nearest to a key, 0 for the others: where k c - |c|^2 / 2 is greatest.
func.func @nearest(%k: tensor<?x?x?x?xf32>, %codes: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// The code itself.
func.func @look_up(%x: tensor<?x?x?x?xf32>, %codes: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

// 30 channels, four tokens later.
func.func @delay(%x: tensor<?x?x30xf32>) -> tensor<?x?x30xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  %empty = tensor.empty() : tensor<30x5xf32>
  %filter = linalg.generic {indexing_maps = [affine_map<(c, w) -> (c, w)>], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<30x5xf32>) {
    ^bb0(%o: f32):
      %w = linalg.index 1 : index
      %first = arith.cmpi eq, %w, %c0 : index
      %0 = arith.select %first, %one, %zero : f32
      linalg.yield %0 : f32
  } -> tensor<30x5xf32>
  %y, %taps = weft.short_conv %x, %filter : tensor<?x?x30xf32>, tensor<30x5xf32> -> tensor<?x?x30xf32>, tensor<?x4x30xf32>
  return %y : tensor<?x?x30xf32>
}

// Attention to the tokens at least 4 before: exp(q c) of each code times the sums of its tokens' values and their number.
func.func @attend_to_codes(%q: tensor<?x?x2x8xf32>, %code: tensor<?x?x2x6xf32>, %v: tensor<?x?x2x8xf32>, %codes: tensor<2x6x8xf32>)
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
