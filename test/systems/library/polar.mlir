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
    %angle = func.call @angle(%x1, %x0) : (f32, f32) -> f32
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

/// The angle of (x, y), zero for the origin: atan of a ratio up to tan(pi / 8), by a
/// polynomial of least maximal error on it (2e-8), then octant and quadrants.
func.func private @angle(%y: f32, %x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %eighth = arith.constant 0.41421356 : f32
  %quarter = arith.constant 0.78539816 : f32
  %half = arith.constant 1.5707963 : f32
  %pi = arith.constant 3.1415927 : f32
  %ax = math.absf %x : f32
  %ay = math.absf %y : f32
  %small = arith.minimumf %ax, %ay : f32
  %large = arith.maximumf %ax, %ay : f32
  %origin = arith.cmpf oeq, %large, %zero : f32
  %divisor = arith.select %origin, %one, %large : f32
  %ratio = arith.divf %small, %divisor : f32
  %far = arith.cmpf ogt, %ratio, %eighth : f32
  %minus = arith.subf %ratio, %one : f32
  %plus = arith.addf %ratio, %one : f32
  %turned = arith.divf %minus, %plus : f32
  %t = arith.select %far, %turned, %ratio : f32
  %start = arith.select %far, %quarter, %zero : f32
  %u = arith.mulf %t, %t : f32
  %a0 = arith.constant 0.99999998 : f32
  %a1 = arith.constant -0.33332797 : f32
  %a2 = arith.constant 0.19974405 : f32
  %a3 = arith.constant -0.13851478 : f32
  %a4 = arith.constant 0.07984963 : f32
  %p3 = math.fma %a4, %u, %a3 : f32
  %p2 = math.fma %p3, %u, %a2 : f32
  %p1 = math.fma %p2, %u, %a1 : f32
  %p0 = math.fma %p1, %u, %a0 : f32
  %first = math.fma %p0, %t, %start : f32
  %steep = arith.cmpf ogt, %ay, %ax : f32
  %rest = arith.subf %half, %first : f32
  %acute = arith.select %steep, %rest, %first : f32
  %left = arith.cmpf olt, %x, %zero : f32
  %obtuse = arith.subf %pi, %acute : f32
  %up = arith.select %left, %obtuse, %acute : f32
  %angle = math.copysign %up, %y : f32
  return %angle : f32
}
