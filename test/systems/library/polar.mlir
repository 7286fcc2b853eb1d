// Pairs of channels (halves of 8) by size and angle, changed for each of 4 heads.

#full = affine_map<(b, n, h, r) -> (b, n, h, r)>
#token = affine_map<(b, n, h, r) -> (b, n)>
#head = affine_map<(b, n, h, r) -> (h)>
#pair = affine_map<(b, n, h, r) -> (r)>
!half = tensor<?x?x4x4xf32>
!all = tensor<?x?x4x8xf32>

/// Angle a becomes adapt[h] a + shift[h] + turn[h] f[r] position.
func.func private @adapt_angle(%x: !all, %positions: tensor<?x?xi64>, %adapt: tensor<4xf32>, %shift: tensor<4xf32>,
                               %turn: tensor<4xf32>, %f: tensor<4xf32>) -> !all {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !all
  %n = tensor.dim %x, %c1 : !all
  %first = tensor.extract_slice %x[0, 0, 0, 0] [%b, %n, 4, 4] [1, 1, 1, 1] : !all to !half
  %second = tensor.extract_slice %x[0, 0, 0, 4] [%b, %n, 4, 4] [1, 1, 1, 1] : !all to !half
  %e = tensor.empty(%b, %n) : !half
  %y:2 = linalg.generic {indexing_maps = [#full, #full, #token, #head, #head, #head, #pair, #full, #full],
      iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%first, %second, %positions, %adapt, %shift, %turn, %f
          : !half, !half, tensor<?x?xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) outs(%e, %e : !half, !half) {
  ^bb0(%x0: f32, %x1: f32, %p: i64, %a: f32, %s: f32, %t: f32, %w: f32, %o0: f32, %o1: f32):
    %0 = arith.mulf %x0, %x0 : f32
    %1 = arith.mulf %x1, %x1 : f32
    %2 = arith.addf %0, %1 : f32
    %size = math.sqrt %2 : f32
    %angle = math.atan2 %x1, %x0 : f32
    %at = arith.sitofp %p : i64 to f32
    %3 = arith.mulf %angle, %a : f32
    %4 = arith.mulf %t, %w : f32
    %5 = arith.mulf %4, %at : f32
    %6 = arith.addf %3, %5 : f32
    %7 = arith.addf %6, %s : f32
    %8 = math.cos %7 : f32
    %9 = math.sin %7 : f32
    %10 = arith.mulf %size, %8 : f32
    %11 = arith.mulf %size, %9 : f32
    linalg.yield %10, %11 : f32, f32
  } -> (!half, !half)
  %out = tensor.concat dim(3) %y#0, %y#1 : (!half, !half) -> !all
  return %out : !all
}
