// Rotary positions that are known when the model runs. Pairs are halves of 8 channels.

#full = affine_map<(b, n, h, r) -> (b, n, h, r)>
#token = affine_map<(b, n, h, r) -> (b, n)>
#pair = affine_map<(b, n, h, r) -> (r)>
!half = tensor<?x?x?x4xf32>
!all = tensor<?x?x?x8xf32>

/// Pairs turned by position times frequency.
func.func private @rope_at(%x: !all, %positions: tensor<?x?xi64>, %frequencies: tensor<4xf32>) -> !all {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %x, %c0 : !all
  %n = tensor.dim %x, %c1 : !all
  %h = tensor.dim %x, %c2 : !all
  %first = tensor.extract_slice %x[0, 0, 0, 0] [%b, %n, %h, 4] [1, 1, 1, 1] : !all to !half
  %second = tensor.extract_slice %x[0, 0, 0, 4] [%b, %n, %h, 4] [1, 1, 1, 1] : !all to !half
  %e = tensor.empty(%b, %n, %h) : !half
  %y:2 = linalg.generic {indexing_maps = [#full, #full, #token, #pair, #full, #full],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%first, %second, %positions, %frequencies : !half, !half, tensor<?x?xi64>, tensor<4xf32>) outs(%e, %e : !half, !half) {
  ^bb0(%x0: f32, %x1: f32, %p: i64, %f: f32, %o0: f32, %o1: f32):
    %at = arith.sitofp %p : i64 to f32
    %angle = arith.mulf %at, %f : f32
    %c = math.cos %angle : f32
    %s = math.sin %angle : f32
    %0 = arith.mulf %x0, %c : f32
    %1 = arith.mulf %x1, %s : f32
    %2 = arith.mulf %x0, %s : f32
    %3 = arith.mulf %x1, %c : f32
    %4 = arith.subf %0, %1 : f32
    %5 = arith.addf %2, %3 : f32
    linalg.yield %4, %5 : f32, f32
  } -> (!half, !half)
  %out = tensor.concat dim(3) %y#0, %y#1 : (!half, !half) -> !all
  return %out : !all
}

/// Channels times e^(position * rate), a rate for each channel.
func.func private @grow(%x: !all, %positions: tensor<?x?xi64>, %rates: tensor<8xf32>) -> !all {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %x, %c0 : !all
  %n = tensor.dim %x, %c1 : !all
  %h = tensor.dim %x, %c2 : !all
  %e = tensor.empty(%b, %n, %h) : !all
  %y = linalg.generic {indexing_maps = [#full, #token, #pair, #full],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %positions, %rates : !all, tensor<?x?xi64>, tensor<8xf32>) outs(%e : !all) {
  ^bb0(%v: f32, %p: i64, %r: f32, %o: f32):
    %at = arith.sitofp %p : i64 to f32
    %0 = arith.mulf %at, %r : f32
    %1 = math.exp %0 : f32
    %2 = arith.mulf %v, %1 : f32
    linalg.yield %2 : f32
  } -> !all
  return %y : !all
}
