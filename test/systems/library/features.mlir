// Features of queries and keys, and weights of tokens. Tensors are batch x tokens x heads x channels.
weft.import "products.mlir"
weft.import "so_far.mlir"

/// elu(x) + 1, where a scan's own features come too late.
func.func private @elu_plus_one(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

/// exp(W x) of unit x.
func.func private @positive_features(%x: tensor<?x?x?x?xf32>, %w: tensor<?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

/// relu(x) cos(pi i / 2M), then relu(x) sin(pi i / 2M), of token i, M = 64.
func.func private @cos_features(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

/// Keys times N softmax(q k / sqrt(d)) of one query.
func.func private @weigh_keys(%q: tensor<?x1x?x?xf32>, %k: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
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

/// softmax(q) over the channels.
func.func private @latent_shares(%q: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tensor.dim %q, %c0 : tensor<?x?x?x?xf32>
  %t = tensor.dim %q, %c1 : tensor<?x?x?x?xf32>
  %h = tensor.dim %q, %c2 : tensor<?x?x?x?xf32>
  %l = tensor.dim %q, %c3 : tensor<?x?x?x?xf32>
  %empty = tensor.empty(%b, %t, %h, %l) : tensor<?x?x?x?xf32>
  %y = linalg.softmax dimension(3) ins(%q : tensor<?x?x?x?xf32>) outs(%empty : tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// 1 - x.
func.func private @one_minus(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %one = arith.constant 1.0 : f32
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%x : tensor<?x?x?x?xf32>) outs(%x : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %0 = arith.subf %one, %a : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}

/// x / n^sigmoid(m), with n of each token and m of each head.
func.func private @divide_by_power(%x: tensor<?x?x?x?xf32>, %n: tensor<?x?x?xf32>, %m: tensor<?xf32>) -> tensor<?x?x?x?xf32> {
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

/// sigmoid(logit) where a sentence starts, 1 elsewhere.
func.func private @forget_at_starts(%logit: tensor<?x?x?xf32>, %start: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
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
