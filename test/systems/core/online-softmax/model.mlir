// Online softmax: in one read of a row its maximum, its sum, and its four best with their places.
weft.import "../../library/rows.mlir"
#x = affine_map<(b, n, c) -> (b, n, c)>
#r = affine_map<(b, n, c) -> (b, n)>
!x = tensor<?x?x96xf32>
!r = tensor<?x?xf32>
!i = tensor<?x?xi64>
!k = tensor<?x?x4xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1})
    -> (!x {weft.name = "out"}, !k {weft.name = "best"}, tensor<?x?x4xi64> {weft.name = "places"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %none = arith.constant -1 : i64
  %l = tensor.splat %low[%b, %n] : !r
  %z = tensor.splat %zero[%b, %n] : !r
  %p = tensor.splat %none[%b, %n] : !i
  %row:10 = linalg.generic {indexing_maps = [#x, #r, #r, #r, #r, #r, #r, #r, #r, #r, #r],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : !x) outs(%l, %z, %l, %l, %l, %l, %p, %p, %p, %p : !r, !r, !r, !r, !r, !r, !i, !i, !i, !i) {
  ^bb0(%e: f32, %m: f32, %d: f32, %v0: f32, %v1: f32, %v2: f32, %v3: f32, %p0: i64, %p1: i64, %p2: i64, %p3: i64):
    %sum:2 = func.call @online(%e, %m, %d) : (f32, f32, f32) -> (f32, f32)
    %at = linalg.index 2 : index
    %place = arith.index_cast %at : index to i64
    %best:8 = func.call @insert(%e, %place, %v0, %v1, %v2, %v3, %p0, %p1, %p2, %p3)
      : (f32, i64, f32, f32, f32, f32, i64, i64, i64, i64) -> (f32, f32, f32, f32, i64, i64, i64, i64)
    linalg.yield %sum#0, %sum#1, %best#0, %best#1, %best#2, %best#3, %best#4, %best#5, %best#6, %best#7
      : f32, f32, f32, f32, f32, f32, i64, i64, i64, i64
  } -> (!r, !r, !r, !r, !r, !r, !i, !i, !i, !i)
  %values = func.call @stack(%row#2, %row#3, %row#4, %row#5) : (!r, !r, !r, !r) -> !k
  %places = func.call @stack_places(%row#6, %row#7, %row#8, %row#9) : (!i, !i, !i, !i) -> tensor<?x?x4xi64>
  %e0 = tensor.empty(%b, %n) : !x
  %out = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %row#0, %row#1 : !x, !r, !r) outs(%e0 : !x) {
  ^bb0(%e: f32, %m: f32, %d: f32, %o: f32):
    %s = func.call @share(%e, %m, %d) : (f32, f32, f32) -> f32
    linalg.yield %s : f32
  } -> !x
  %e1 = tensor.empty(%b, %n) : !k
  %best = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%values, %row#0, %row#1 : !k, !r, !r) outs(%e1 : !k) {
  ^bb0(%e: f32, %m: f32, %d: f32, %o: f32):
    %s = func.call @share(%e, %m, %d) : (f32, f32, f32) -> f32
    linalg.yield %s : f32
  } -> !k
  return %out, %best, %places : !x, !k, tensor<?x?x4xi64>
}
