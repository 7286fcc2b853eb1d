// Two-pass softmax: e^x as m * 2^n, summed in one pass, written in a second.
#x = affine_map<(b, n, c) -> (b, n, c)>
#r = affine_map<(b, n, c) -> (b, n)>
!x = tensor<?x?x96xf32>
!r = tensor<?x?xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}) -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %low = arith.constant -1.0e+09 : f32
  %zero = arith.constant 0.0 : f32
  %m0 = tensor.splat %zero[%b, %n] : !r
  %n0 = tensor.splat %low[%b, %n] : !r
  %row:2 = linalg.generic {indexing_maps = [#x, #r, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : !x) outs(%m0, %n0 : !r, !r) {
  ^bb0(%e: f32, %ms: f32, %ns: f32):
    %mi, %ni = func.call @split_exp(%e) : (f32) -> (f32, f32)
    %max = arith.maximumf %ni, %ns : f32
    %0 = func.call @shift(%mi, %ni, %max) : (f32, f32, f32) -> f32
    %1 = func.call @shift(%ms, %ns, %max) : (f32, f32, f32) -> f32
    %sum = arith.addf %0, %1 : f32
    linalg.yield %sum, %max : f32, f32
  } -> (!r, !r)
  %e0 = tensor.empty(%b, %n) : !x
  %out = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %row#0, %row#1 : !x, !r, !r) outs(%e0 : !x) {
  ^bb0(%e: f32, %ms: f32, %ns: f32, %o: f32):
    %mi, %ni = func.call @split_exp(%e) : (f32) -> (f32, f32)
    %0 = arith.divf %mi, %ms : f32
    %p = func.call @shift(%0, %ni, %ns) : (f32, f32, f32) -> f32
    linalg.yield %p : f32
  } -> !x
  return %out : !x
}
// e^x = m * 2^n, n whole, m between 1/sqrt(2) and sqrt(2).
func.func private @split_exp(%x: f32) -> (f32, f32) {
  %log2e = arith.constant 1.4426950408889634 : f32
  %ln2 = arith.constant 0.6931471805599453 : f32
  %0 = arith.mulf %x, %log2e : f32
  %n = math.roundeven %0 : f32
  %1 = arith.mulf %n, %ln2 : f32
  %2 = arith.subf %x, %1 : f32
  %m = math.exp %2 : f32
  return %m, %n : f32, f32
}
// m * 2^(n - to)
func.func private @shift(%m: f32, %n: f32, %to: f32) -> f32 {
  %ln2 = arith.constant 0.6931471805599453 : f32
  %0 = arith.subf %n, %to : f32
  %1 = arith.mulf %0, %ln2 : f32
  %2 = math.exp %1 : f32
  %3 = arith.mulf %m, %2 : f32
  return %3 : f32
}
