// RUN: weft-opt %s -weft-fold-columns -canonicalize -cse | FileCheck %s

#row = affine_map<(b, n, c) -> (b, n, c)>
#token = affine_map<(b, n, c) -> (b, n)>

weft.parameter @w : tensor<20000x64xf32> in "m" at 0
weft.parameter @bias : tensor<20000xf32> in "m" at 5120000
weft.parameter @even : tensor<24576x64xf32> in "m" at 0
weft.parameter @short : tensor<96x64xf32> in "m" at 0

// The best numbers of a product with a bias: a first part, others in a loop, a
// last one that is shorter. Places are of the whole row.
// CHECK-LABEL: func.func @best
// CHECK: %[[W:.*]] = weft.use @w
// CHECK: %[[W0:.*]] = tensor.extract_slice %[[W]][0, 0] [6144, 64] [1, 1]
// CHECK: %[[Y0:.*]] = weft.linear %{{.*}}, %[[W0]] with %{{.*}} combine
// CHECK: -> tensor<1x?x6144xf32>
// CHECK: %[[V0:.*]], %[[P0:.*]] = weft.top_k %[[Y0]]
// CHECK: %[[ALL:.*]]:2 = scf.for %[[FIRST:.*]] = %c6144 to %c18432 step %c6144 iter_args(%[[V:.*]] = %[[V0]], %[[P:.*]] = %[[P0]])
// CHECK:   tensor.extract_slice %[[W]][%[[FIRST]], 0] [6144, 64] [1, 1]
// CHECK:   %[[VI:.*]], %[[PI:.*]] = weft.top_k %{{.*}} : tensor<1x?x6144xf32>
// CHECK:   %[[BOTH:.*]] = tensor.concat dim(2) %[[V]], %[[VI]]
// CHECK:   %[[VN:.*]], %[[AT:.*]] = weft.top_k %[[BOTH]]
// CHECK:   linalg.generic {{.*}} ins(%[[AT]]
// CHECK:     tensor.extract %[[PI]]
// CHECK:     arith.addi %{{.*}}, %[[FIRST]]
// CHECK:     tensor.extract %[[P]]
// CHECK: tensor.extract_slice %[[W]][18432, 0] [1568, 64] [1, 1]
// CHECK-NOT: x20000xf32>
// CHECK: return
func.func @best(%x: tensor<1x?x64xf32>) -> (tensor<1x?x4xf32>, tensor<1x?x4xi64>) {
  %w = weft.use @w : tensor<20000x64xf32>
  %b = weft.use @bias : tensor<20000xf32>
  %y = weft.linear %x, %w with %b combine(%acc, %e) {
    %0 = arith.addf %acc, %e : f32
    weft.yield %0 : f32
  } : tensor<1x?x64xf32>, tensor<20000x64xf32> with tensor<20000xf32> -> tensor<1x?x20000xf32>
  %v, %p = weft.top_k %y : tensor<1x?x20000xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  return %v, %p : tensor<1x?x4xf32>, tensor<1x?x4xi64>
}

// A reduction goes on from where the part before left off, and its numbers of
// columns count from the first of the row. Parts divide the row evenly.
// CHECK-LABEL: func.func @sum
// CHECK: %[[S0:.*]]:2 = linalg.generic {{.*}} ins(%{{.*}} : tensor<1x4x6144xf32>) outs(%[[ZERO:.*]], %[[NONE:.*]] :
// CHECK: %[[ALL:.*]]:2 = scf.for %[[FIRST:.*]] = %c6144 to %c24576 step %c6144 iter_args(%[[S:.*]] = %[[S0]]#0, %[[N:.*]] = %[[S0]]#1)
// CHECK:   linalg.generic {{.*}} ins(%{{.*}} : tensor<1x4x6144xf32>) outs(%[[S]], %[[N]] :
// CHECK:     %[[C:.*]] = linalg.index 2
// CHECK:     arith.addi %[[C]], %[[FIRST]]
// CHECK: return %[[ALL]]#0, %[[ALL]]#1
func.func @sum(%x: tensor<1x4x64xf32>, %zero: tensor<1x4xf32>, %none: tensor<1x4xi64>) -> (tensor<1x4xf32>, tensor<1x4xi64>) {
  %w = weft.use @even : tensor<24576x64xf32>
  %y = weft.linear %x, %w : tensor<1x4x64xf32>, tensor<24576x64xf32> -> tensor<1x4x24576xf32>
  %r:2 = linalg.generic {indexing_maps = [#row, #token, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y : tensor<1x4x24576xf32>) outs(%zero, %none : tensor<1x4xf32>, tensor<1x4xi64>) {
  ^bb0(%e: f32, %sum: f32, %last: i64):
    %0 = arith.addf %sum, %e : f32
    %c = linalg.index 2 : index
    %1 = arith.index_cast %c : index to i64
    linalg.yield %0, %1 : f32, i64
  } -> (tensor<1x4xf32>, tensor<1x4xi64>)
  return %r#0, %r#1 : tensor<1x4xf32>, tensor<1x4xi64>
}

// Left alone: a row that is short, one that is asked for itself, and two
// reductions of which one waits for the other.
// CHECK-LABEL: func.func @narrow
// CHECK-NOT: scf.for
// CHECK: weft.linear {{.*}} -> tensor<1x?x96xf32>
func.func @narrow(%x: tensor<1x?x64xf32>) -> (tensor<1x?x4xf32>, tensor<1x?x4xi64>) {
  %w = weft.use @short : tensor<96x64xf32>
  %y = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<96x64xf32> -> tensor<1x?x96xf32>
  %v, %p = weft.top_k %y : tensor<1x?x96xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  return %v, %p : tensor<1x?x4xf32>, tensor<1x?x4xi64>
}

// CHECK-LABEL: func.func @asked
// CHECK-NOT: scf.for
// CHECK: weft.linear {{.*}} -> tensor<1x?x20000xf32>
func.func @asked(%x: tensor<1x?x64xf32>) -> (tensor<1x?x20000xf32>, tensor<1x?x4xf32>) {
  %w = weft.use @w : tensor<20000x64xf32>
  %y = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<20000x64xf32> -> tensor<1x?x20000xf32>
  %v, %p = weft.top_k %y : tensor<1x?x20000xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  return %y, %v : tensor<1x?x20000xf32>, tensor<1x?x4xf32>
}

// CHECK-LABEL: func.func @two_passes
// CHECK-NOT: scf.for
// CHECK: weft.linear {{.*}} -> tensor<1x4x24576xf32>
func.func @two_passes(%x: tensor<1x4x64xf32>, %low: tensor<1x4xf32>, %zero: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = weft.use @even : tensor<24576x64xf32>
  %y = weft.linear %x, %w : tensor<1x4x64xf32>, tensor<24576x64xf32> -> tensor<1x4x24576xf32>
  %m = linalg.generic {indexing_maps = [#row, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y : tensor<1x4x24576xf32>) outs(%low : tensor<1x4xf32>) {
  ^bb0(%e: f32, %max: f32):
    %0 = arith.maximumf %max, %e : f32
    linalg.yield %0 : f32
  } -> tensor<1x4xf32>
  %s = linalg.generic {indexing_maps = [#row, #token, #token], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %m : tensor<1x4x24576xf32>, tensor<1x4xf32>) outs(%zero : tensor<1x4xf32>) {
  ^bb0(%e: f32, %max: f32, %sum: f32):
    %0 = arith.subf %e, %max : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %sum, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<1x4xf32>
  return %s : tensor<1x4xf32>
}
