// Online softmax: maximum and sum in one read of a row, and its four best with their probabilities.
#x = affine_map<(b, n, c) -> (b, n, c)>
#r = affine_map<(b, n, c) -> (b, n)>
!x = tensor<?x?x96xf32>
!r = tensor<?x?xf32>
!k = tensor<?x?x4xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1})
    -> (!x {weft.name = "out"}, !k {weft.name = "best"}, tensor<?x?x4xi64> {weft.name = "places"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %m0 = tensor.splat %low[%b, %n] : !r
  %d0 = tensor.splat %zero[%b, %n] : !r
  %row:2 = linalg.generic {indexing_maps = [#x, #r, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : !x) outs(%m0, %d0 : !r, !r) {
  ^bb0(%e: f32, %m: f32, %d: f32):
    %max = arith.maximumf %m, %e : f32
    %0 = arith.subf %m, %max : f32
    %1 = math.exp %0 : f32
    %2 = arith.mulf %d, %1 : f32
    %3 = arith.subf %e, %max : f32
    %4 = math.exp %3 : f32
    %sum = arith.addf %2, %4 : f32
    linalg.yield %max, %sum : f32, f32
  } -> (!r, !r)
  %values, %places = weft.top_k %x : !x -> !k, tensor<?x?x4xi64>
  %e0 = tensor.empty(%b, %n) : !x
  %out = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %row#0, %row#1 : !x, !r, !r) outs(%e0 : !x) {
  ^bb0(%e: f32, %m: f32, %d: f32, %o: f32):
    %p = func.call @share(%e, %m, %d) : (f32, f32, f32) -> f32
    linalg.yield %p : f32
  } -> !x
  %e1 = tensor.empty(%b, %n) : !k
  %best = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%values, %row#0, %row#1 : !k, !r, !r) outs(%e1 : !k) {
  ^bb0(%e: f32, %m: f32, %d: f32, %o: f32):
    %p = func.call @share(%e, %m, %d) : (f32, f32, f32) -> f32
    linalg.yield %p : f32
  } -> !k
  return %out, %best, %places : !x, !k, tensor<?x?x4xi64>
}
func.func private @share(%e: f32, %m: f32, %d: f32) -> f32 {
  %0 = arith.subf %e, %m : f32
  %1 = math.exp %0 : f32
  %2 = arith.divf %1, %d : f32
  return %2 : f32
}
