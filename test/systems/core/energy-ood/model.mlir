// Energy score of a classifier: -T log sum exp(x / T), beside its softmax.
weft.import "../../library/rows.mlir"
#x = affine_map<(b, n, c) -> (b, n, c)>
#r = affine_map<(b, n, c) -> (b, n)>
!x = tensor<?x?x96xf32>
!r = tensor<?x?xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}, %t: tensor<1xf32> {weft.name = "temperature"})
    -> (!x {weft.name = "out"}, !r {weft.name = "energy"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %temperature = tensor.extract %t[%c0] : tensor<1xf32>
  %m0 = tensor.splat %low[%b, %n] : !r
  %d0 = tensor.splat %zero[%b, %n] : !r
  %row:4 = linalg.generic {indexing_maps = [#x, #r, #r, #r, #r], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x : !x) outs(%m0, %d0, %m0, %d0 : !r, !r, !r, !r) {
  ^bb0(%e: f32, %m: f32, %d: f32, %mt: f32, %dt: f32):
    %et = arith.divf %e, %temperature : f32
    %0:2 = func.call @online(%e, %m, %d) : (f32, f32, f32) -> (f32, f32)
    %1:2 = func.call @online(%et, %mt, %dt) : (f32, f32, f32) -> (f32, f32)
    linalg.yield %0#0, %0#1, %1#0, %1#1 : f32, f32, f32, f32
  } -> (!r, !r, !r, !r)
  %e0 = tensor.empty(%b, %n) : !x
  %out = linalg.generic {indexing_maps = [#x, #r, #r, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %row#0, %row#1 : !x, !r, !r) outs(%e0 : !x) {
  ^bb0(%e: f32, %m: f32, %d: f32, %o: f32):
    %0 = arith.subf %e, %m : f32
    %1 = math.exp %0 : f32
    %2 = arith.divf %1, %d : f32
    linalg.yield %2 : f32
  } -> !x
  %log = math.log %row#3 : !r
  %lse = arith.addf %row#2, %log : !r
  %ts = tensor.splat %temperature[%b, %n] : !r
  %scaled = arith.mulf %lse, %ts : !r
  %energy = arith.negf %scaled : !r
  return %out, %energy : !x, !r
}
