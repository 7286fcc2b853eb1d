// Sums over the tokens so far: scans, so that they go on in a piece. Tensors are batch x tokens x heads x channels.

/// The number of tokens so far, this one too, for each head: a scan over ones, so that it goes on in a piece.
func.func private @count_tokens(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?xf32> {
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

/// log(exp(x_1) + ... + exp(x_t)) of each channel: a scan of one row, whose zeros at the begin the first token forgets.
func.func private @log_sum_so_far(%x: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %nothing = arith.constant 0xFF800000 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x2x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x2x8xf32>
  %n = func.call @count_tokens(%x) : (tensor<?x?x2x8xf32>) -> tensor<?x?x2xf32>
  %forget = linalg.generic {indexing_maps = [affine_map<(b, t, h) -> (b, t, h)>, affine_map<(b, t, h) -> (b, t, h)>], iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%n : tensor<?x?x2xf32>) outs(%n : tensor<?x?x2xf32>) {
    ^bb0(%count: f32, %o: f32):
      %later = arith.cmpf ogt, %count, %one : f32
      %0 = arith.select %later, %zero, %nothing : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x2xf32>
  %ones = tensor.splat %one[%b, %t] : tensor<?x?x2x1xf32>
  %zeros = tensor.splat %zero[%b, %t] : tensor<?x?x2x1xf32>
  %y, %s = weft.scan %ones, %zeros, %x transition(#weft.log_plus gates %forget)
    : tensor<?x?x2x1xf32>, tensor<?x?x2x1xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2xf32> -> tensor<?x?x2x8xf32>, tensor<?x2x1x8xf32>
  return %y : tensor<?x?x2x8xf32>
}

/// h_t = exp(rate) h_{t-1} + (1 - exp(rate)) x_t of each channel.
func.func private @moving_average(%x: tensor<?x?x32xf32>, %rate: tensor<1x1x32xf32>) -> tensor<?x?x32xf32> {
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

/// 30 channels, four tokens later.
func.func private @delay(%x: tensor<?x?x30xf32>) -> tensor<?x?x30xf32> {
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
