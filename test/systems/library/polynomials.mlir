// Quotients and roots by sums and products alone, as under encryption. Goldschmidt's steps, of which each doubles the
// digits, then a step of Newton's that puts right what rounding left.
weft.import "weight_sums.mlir"

/// A step towards 1 / d with d = 1 - e: what is left of e, and the product so far.
func.func private @inverse_step(%e: f32, %y: f32) -> (f32, f32) {
  %square = arith.mulf %e, %e : f32
  %0 = arith.mulf %y, %square : f32
  %next = arith.addf %y, %0 : f32
  return %square, %next : f32, f32
}

func.func private @inverse_steps(%e: f32, %y: f32) -> (f32, f32) {
  %0:2 = func.call @inverse_step(%e, %y) : (f32, f32) -> (f32, f32)
  %1:2 = func.call @inverse_step(%0#0, %0#1) : (f32, f32) -> (f32, f32)
  %2:2 = func.call @inverse_step(%1#0, %1#1) : (f32, f32) -> (f32, f32)
  %3:2 = func.call @inverse_step(%2#0, %2#1) : (f32, f32) -> (f32, f32)
  return %3#0, %3#1 : f32, f32
}

/// y + y (1 - d y).
func.func private @inverse_correction(%d: f32, %y: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %0 = arith.mulf %d, %y : f32
  %1 = arith.subf %one, %0 : f32
  %2 = arith.mulf %y, %1 : f32
  %next = arith.addf %y, %2 : f32
  return %next : f32
}

/// 1 / x for x in [range / 8192, range], with 1 / range.
func.func private @inverse(%x: f32, %scale: f32) -> f32 {
  %one = arith.constant 1.0 : f32
  %d = arith.mulf %x, %scale : f32
  %e = arith.subf %one, %d : f32
  %y = arith.addf %one, %e : f32
  %0:2 = func.call @inverse_steps(%e, %y) : (f32, f32) -> (f32, f32)
  %1:2 = func.call @inverse_steps(%0#0, %0#1) : (f32, f32) -> (f32, f32)
  %2:2 = func.call @inverse_steps(%1#0, %1#1) : (f32, f32) -> (f32, f32)
  %3:2 = func.call @inverse_steps(%2#0, %2#1) : (f32, f32) -> (f32, f32)
  %4 = func.call @inverse_correction(%d, %3#1) : (f32, f32) -> f32
  %5 = func.call @inverse_correction(%d, %4) : (f32, f32) -> f32
  %z = arith.mulf %5, %scale : f32
  return %z : f32
}

/// A step towards sqrt(d) and 1 / (2 sqrt(d)).
func.func private @root_step(%g: f32, %h: f32) -> (f32, f32) {
  %half = arith.constant 0.5 : f32
  %0 = arith.mulf %g, %h : f32
  %r = arith.subf %half, %0 : f32
  %1 = arith.mulf %g, %r : f32
  %g1 = arith.addf %g, %1 : f32
  %2 = arith.mulf %h, %r : f32
  %h1 = arith.addf %h, %2 : f32
  return %g1, %h1 : f32, f32
}

func.func private @root_steps(%g: f32, %h: f32) -> (f32, f32) {
  %0:2 = func.call @root_step(%g, %h) : (f32, f32) -> (f32, f32)
  %1:2 = func.call @root_step(%0#0, %0#1) : (f32, f32) -> (f32, f32)
  %2:2 = func.call @root_step(%1#0, %1#1) : (f32, f32) -> (f32, f32)
  %3:2 = func.call @root_step(%2#0, %2#1) : (f32, f32) -> (f32, f32)
  return %3#0, %3#1 : f32, f32
}

/// 1 / sqrt(x) for x in [range / 256, range], with 1 / range and its root.
func.func private @inverse_root(%x: f32, %scale: f32, %root: f32) -> f32 {
  %half = arith.constant 0.5 : f32
  %two = arith.constant 2.0 : f32
  %d = arith.mulf %x, %scale : f32
  %0:2 = func.call @root_steps(%d, %half) : (f32, f32) -> (f32, f32)
  %1:2 = func.call @root_steps(%0#0, %0#1) : (f32, f32) -> (f32, f32)
  %2:2 = func.call @root_steps(%1#0, %1#1) : (f32, f32) -> (f32, f32)
  // h + h (1/2 - 2 d h h)
  %h = arith.addf %2#1, %2#1 : f32
  %3 = arith.mulf %d, %h : f32
  %4 = arith.mulf %3, %2#1 : f32
  %5 = arith.subf %half, %4 : f32
  %6 = arith.mulf %2#1, %5 : f32
  %7 = arith.addf %2#1, %6 : f32
  %8 = arith.mulf %7, %two : f32
  %z = arith.mulf %8, %root : f32
  return %z : f32
}

/// Layer norm of channels whose variance is in [1/64, 4], by the polynomial of its inverse root.
func.func private @polynomial_norm(%x: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 0.25 : f32
  %half = arith.constant 0.5 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x?xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x?xf32>
  %c = tensor.dim %x, %c2 : tensor<?x?x?xf32>
  %channels = arith.index_cast %c : index to i64
  %n = arith.sitofp %channels : i64 to f32
  %one = arith.constant 1.0 : f32
  %each = arith.divf %one, %n : f32  // a number of the model
  %sums = tensor.splat %zero[%b, %t] : tensor<?x?xf32>
  %0:2 = linalg.generic {indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>, affine_map<(b, t, c) -> (b, t)>, affine_map<(b, t, c) -> (b, t)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x : tensor<?x?x?xf32>) outs(%sums, %sums : tensor<?x?xf32>, tensor<?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %q: f32):
      %share = arith.mulf %a, %each : f32
      %1 = arith.addf %s, %share : f32
      %2 = arith.mulf %a, %share : f32
      %3 = arith.addf %q, %2 : f32
      linalg.yield %1, %3 : f32, f32
  } -> (tensor<?x?xf32>, tensor<?x?xf32>)
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, c) -> (b, t, c)>, affine_map<(b, t, c) -> (b, t)>, affine_map<(b, t, c) -> (b, t)>,
                                        affine_map<(b, t, c) -> (b, t, c)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%x, %0#0, %0#1 : tensor<?x?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) outs(%x : tensor<?x?x?xf32>) {
    ^bb0(%a: f32, %mean: f32, %square: f32, %o: f32):
      %1 = arith.mulf %mean, %mean : f32
      %variance = arith.subf %square, %1 : f32
      %2 = func.call @inverse_root(%variance, %quarter, %half) : (f32, f32, f32) -> f32
      %3 = arith.subf %a, %mean : f32
      %4 = arith.mulf %3, %2 : f32
      linalg.yield %4 : f32
  } -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

/// Each value over the sum of the weights and epsilon = 2^-9, up to 16, which is one value more.
func.func private @polynomial_shares(%x: tensor<?x?x?x?xf32>) -> tensor<?x?x?x?xf32> {
  %epsilon = arith.constant 0.001953125 : f32
  %scale = arith.constant 0.0625 : f32
  %values, %sums = func.call @split_last(%x) : (tensor<?x?x?x?xf32>) -> (tensor<?x?x?x?xf32>, tensor<?x?x?xf32>)
  %inverses = linalg.generic {indexing_maps = [affine_map<(b, t, h) -> (b, t, h)>, affine_map<(b, t, h) -> (b, t, h)>],
                              iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%sums : tensor<?x?x?xf32>) outs(%sums : tensor<?x?x?xf32>) {
    ^bb0(%s: f32, %o: f32):
      %0 = arith.addf %s, %epsilon : f32
      %1 = func.call @inverse(%0, %scale) : (f32, f32) -> f32
      linalg.yield %1 : f32
  } -> tensor<?x?x?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> (b, t, h)>,
                                        affine_map<(b, t, h, d) -> (b, t, h, d)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
    ins(%values, %inverses : tensor<?x?x?x?xf32>, tensor<?x?x?xf32>) outs(%values : tensor<?x?x?x?xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %0 = arith.mulf %a, %s : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x?x?xf32>
  return %y : tensor<?x?x?x?xf32>
}
