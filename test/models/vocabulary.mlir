// The head of a large vocabulary: the four best words, and the log of the sum of
// exponentials in one pass. Against NumPy, for every level.
// RUN: %python %S/check_vocabulary.py %s

#row = affine_map<(b, n, c) -> (b, n, c)>
#token = affine_map<(b, n, c) -> (b, n)>
weft.parameter @w : tensor<20000x64xf32> in "m" at 0
weft.parameter @b : tensor<20000xf32> in "m" at 5120000
func.func @forward(%x: tensor<1x?x64xf32> {weft.name = "x", weft.sequence = 1})
    -> (tensor<1x?x4xf32> {weft.name = "v"}, tensor<1x?x4xi64> {weft.name = "p"},
        tensor<1x?xf32> {weft.name = "m"}, tensor<1x?xf32> {weft.name = "lse"},
        tensor<1x?xi64> {weft.name = "best"}) {
  %c1 = arith.constant 1 : index
  %w = weft.use @w : tensor<20000x64xf32>
  %bias = weft.use @b : tensor<20000xf32>
  %y = weft.linear %x, %w with %bias combine(%acc, %b) {
    %0 = arith.addf %acc, %b : f32
    weft.yield %0 : f32
  } : tensor<1x?x64xf32>, tensor<20000x64xf32> with tensor<20000xf32> -> tensor<1x?x20000xf32>
  %v, %p = weft.top_k %y : tensor<1x?x20000xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  %n = tensor.dim %x, %c1 : tensor<1x?x64xf32>
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %none = arith.constant -1 : i64
  %m0 = tensor.splat %low[%n] : tensor<1x?xf32>
  %d0 = tensor.splat %zero[%n] : tensor<1x?xf32>
  %i0 = tensor.splat %none[%n] : tensor<1x?xi64>
  %r:3 = linalg.generic {indexing_maps = [#row, #token, #token, #token],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y : tensor<1x?x20000xf32>) outs(%m0, %d0, %i0 : tensor<1x?xf32>, tensor<1x?xf32>, tensor<1x?xi64>) {
  ^bb0(%e: f32, %m: f32, %d: f32, %at: i64):
    %max = arith.maximumf %m, %e : f32
    %0 = arith.subf %m, %max : f32
    %1 = math.exp %0 : f32
    %2 = arith.mulf %d, %1 : f32
    %3 = arith.subf %e, %max : f32
    %4 = math.exp %3 : f32
    %sum = arith.addf %2, %4 : f32
    %k = linalg.index 2 : index
    %ki = arith.index_cast %k : index to i64
    %g = arith.cmpf ogt, %e, %m : f32
    %a = arith.select %g, %ki, %at : i64
    linalg.yield %max, %sum, %a : f32, f32, i64
  } -> (tensor<1x?xf32>, tensor<1x?xf32>, tensor<1x?xi64>)
  %log = math.log %r#1 : tensor<1x?xf32>
  %lse = arith.addf %r#0, %log : tensor<1x?xf32>
  return %v, %p, %r#0, %lse, %r#2 : tensor<1x?x4xf32>, tensor<1x?x4xi64>, tensor<1x?xf32>, tensor<1x?xf32>, tensor<1x?xi64>
}
