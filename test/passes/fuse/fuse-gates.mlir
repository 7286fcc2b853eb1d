// RUN: weft-opt %s -weft-fuse-gates -split-input-file | FileCheck %s

// The skip and the gate of Mamba: the scan gives what they make of its result.

#id = affine_map<(i, j) -> (i, j)>
#column = affine_map<(i, j) -> (j)>

// CHECK-LABEL: program.function @gated
// CHECK-NOT: @generic_0
// CHECK: %[[OUT:.*]] = program.view %[[Y:.*]] at %c0{{.*}} : memref<?x8xf32> to memref<1x?x1x8xf32>
// CHECK: program.launch @scan tasks(%{{.*}}) buffers(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[OUT]], %{{.*}}, %{{.*}}, %{{.*}}) scalars(%c1, %{{.*}}) writes [6, 7]
// CHECK: program.kernel @scan family "scan"
// CHECK-SAME: memref<?x8xf32, strided<[16, 1]>>, memref<8xf32>] scalars 2 element
// CHECK-NEXT: ^bb0(%[[RESULT:.*]]: f32, %[[GATE:.*]]: f32, %[[SKIP:.*]]: f32):
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[RESULT]], %[[SKIP]]
// CHECK-NEXT: arith.mulf %[[SUM]], %[[GATE]]
program.kernel @scan_0 family "scan" config {c = 8 : i64, columns_per_task = 8 : i64, h = 1 : i64, r = 4 : i64, transition = #weft.selective}
  tasks affine_map<()[b, t] -> (b)>
  operands [memref<1x?x1x4xf32>, memref<1x?x1x4xf32>, memref<1x?x1x8xf32>, memref<1x?x1x8xf32>, memref<1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x?x1x8xf32>, memref<1x1x4x8xf32>] scalars 2
program.kernel @generic_0 family "generic" config {indexing_maps = [#id, #id, #column, #id], inputs = 3 : i64, iterations_per_task = 64 : i64, iterator_types = [#linalg.iterator_type<parallel>, #linalg.iterator_type<parallel>], outputs = 1 : i64, task_loop = 0 : i64}
  tasks affine_map<()[m] -> (m ceildiv 64)>
  operands [memref<?x8xf32>, memref<?x8xf32, strided<[16, 1]>>, memref<8xf32>, memref<?x8xf32>] scalars 1 element {
^bb0(%y: f32, %z: f32, %d: f32, %out: f32):
  %0 = arith.addf %y, %d : f32
  %1 = arith.mulf %0, %z : f32
  program.yield %1 : f32
}
program.function @gated inputs ["b", "x", "dt", "a", "s", "zx", "d"] outputs ["y"] dims [[1, -1, 1, 4], [1, -1, 1, 8], [1, -1, 1, 8], [1, 4, 8], [1, 1, 4, 8], [-1, 16], [8], [-1, 8]] symbols ["tokens"] maxima [16] {
^bb0(%b: memref<1x?x1x4xf32>, %x: memref<1x?x1x8xf32>, %dt: memref<1x?x1x8xf32>, %a: memref<1x4x8xf32>, %s: memref<1x1x4x8xf32>, %zx: memref<?x16xf32>, %d: memref<8xf32>, %y: memref<?x8xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = program.symbol 0
  %tasks = arith.ceildivsi %t, %c1 : index
  %scan = program.alloc(%t) : memref<1x?x1x8xf32>
  program.launch @scan_0 tasks(%c1) buffers(%b, %b, %x, %dt, %a, %s, %scan, %s) scalars(%c1, %t) writes [6, 7] : memref<1x?x1x4xf32>, memref<1x?x1x4xf32>, memref<1x?x1x8xf32>, memref<1x?x1x8xf32>, memref<1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x?x1x8xf32>, memref<1x1x4x8xf32>
  %rows = program.view %scan at %c0 sizes(%t) strides() : memref<1x?x1x8xf32> to memref<?x8xf32>
  %z = program.view %zx at %c0 sizes(%t) strides() : memref<?x16xf32> to memref<?x8xf32, strided<[16, 1]>>
  program.launch @generic_0 tasks(%tasks) buffers(%rows, %z, %d, %y) scalars(%t) writes [3] : memref<?x8xf32>, memref<?x8xf32, strided<[16, 1]>>, memref<8xf32>, memref<?x8xf32>
  program.return tokens %c0
}

// -----

// Left alone: the result of the scan is asked for too.

#id = affine_map<(i, j) -> (i, j)>

// CHECK-LABEL: program.function @shared
// CHECK: program.launch @scan_0
// CHECK: program.launch @generic_0
program.kernel @scan_0 family "scan" config {c = 8 : i64, columns_per_task = 8 : i64, h = 1 : i64, r = 4 : i64, transition = #weft.selective}
  tasks affine_map<()[b, t] -> (b)>
  operands [memref<1x?x1x4xf32>, memref<1x?x1x4xf32>, memref<1x?x1x8xf32>, memref<1x?x1x8xf32>, memref<1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x?x1x8xf32>, memref<1x1x4x8xf32>] scalars 2
program.kernel @generic_0 family "generic" config {indexing_maps = [#id, #id], inputs = 1 : i64, iterations_per_task = 64 : i64, iterator_types = [#linalg.iterator_type<parallel>, #linalg.iterator_type<parallel>], outputs = 1 : i64, task_loop = 0 : i64}
  tasks affine_map<()[m] -> (m ceildiv 64)>
  operands [memref<?x8xf32>, memref<?x8xf32>] scalars 1 element {
^bb0(%y: f32, %out: f32):
  %0 = arith.addf %y, %y : f32
  program.yield %0 : f32
}
program.function @shared inputs ["b", "x", "dt", "a", "s"] outputs ["y", "scan"] dims [[1, -1, 1, 4], [1, -1, 1, 8], [1, -1, 1, 8], [1, 4, 8], [1, 1, 4, 8], [-1, 8], [1, -1, 1, 8]] symbols ["tokens"] maxima [16] {
^bb0(%b: memref<1x?x1x4xf32>, %x: memref<1x?x1x8xf32>, %dt: memref<1x?x1x8xf32>, %a: memref<1x4x8xf32>, %s: memref<1x1x4x8xf32>, %y: memref<?x8xf32>, %scan: memref<1x?x1x8xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = program.symbol 0
  program.launch @scan_0 tasks(%c1) buffers(%b, %b, %x, %dt, %a, %s, %scan, %s) scalars(%c1, %t) writes [6, 7] : memref<1x?x1x4xf32>, memref<1x?x1x4xf32>, memref<1x?x1x8xf32>, memref<1x?x1x8xf32>, memref<1x4x8xf32>, memref<1x1x4x8xf32>, memref<1x?x1x8xf32>, memref<1x1x4x8xf32>
  %rows = program.view %scan at %c0 sizes(%t) strides() : memref<1x?x1x8xf32> to memref<?x8xf32>
  program.launch @generic_0 tasks(%t) buffers(%rows, %y) scalars(%t) writes [1] : memref<?x8xf32>, memref<?x8xf32>
  program.return tokens %c0
}
