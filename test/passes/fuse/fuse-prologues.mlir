// RUN: weft-opt %s -weft-fuse-prologues | FileCheck %s

#one = affine_map<()[m] -> (m)>
#heads = affine_map<()[b, t, s] -> (b * t * 9)>
#panels = affine_map<()[m] -> (m ceildiv 96 * 2)>

program.kernel @norm_0 family "norm" config {kind = #weft.norm_kind<rms>, epsilon = 1.0e-05 : f32, c = 64, rows_per_task = 256, scale}
  tasks #one operands [memref<1x64xf32>, memref<64xf32>, memref<1x64xf32>] scalars 1
program.kernel @merge_0 family "attention_merge" config {normaliser = #weft.softmax, h = 4, e = 16}
  tasks #heads operands [memref<1x1x4x?x18xf32>, memref<1x1x4x16xf32>] scalars 3
program.kernel @linear_0 family "linear" config {k = 64, n = 96, layouts = [#program.panels<96 by 64 of f32, width 48>], rows_per_task = 96, panels_per_task = 1}
  tasks #panels operands [memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>] scalars 1
program.kernel @norm_1 family "norm" config {kind = #weft.norm_kind<rms>, epsilon = 1.0e-05 : f32, c = 64, rows_per_task = 256, scale}
  tasks #one operands [memref<2x64xf32>, memref<64xf32>, memref<2x64xf32>] scalars 1
program.kernel @linear_1 family "linear" config {k = 64, n = 96, layouts = [#program.panels<96 by 64 of f32, width 48>], rows_per_task = 96, panels_per_task = 1}
  tasks #panels operands [memref<2x64xf32>, memref<24576xi8>, memref<2x96xf32>] scalars 1
program.parameter @scale : #program.rows<tensor<64xf32>> from [@s]
program.parameter @w : #program.panels<96 by 64 of f32, width 48> from [@m]
weft.parameter @s : tensor<64xf32> in "m" at 0
weft.parameter @m : tensor<96x64xf32> in "m" at 256

// Both readers make the row; it has no buffer in between.
// CHECK-LABEL: program.function @norm
// CHECK-NOT: @norm_0
// CHECK: program.launch @[[F:fused.*]] tasks(%c2) buffers(%[[W:.*]], %{{.*}}, %[[X:.*]], %[[S:.*]]) scalars(%c1) writes [1]
// CHECK-SAME: memref<24576xi8>, memref<1x96xf32>, memref<1x64xf32>, memref<64xf32>
// CHECK: program.launch @[[F]] tasks(%c2) buffers(%[[W]], %{{.*}}, %[[X]], %[[S]])
program.function @norm inputs ["x"] outputs ["a", "b"] dims [[1, 64], [1, 96], [1, 96]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %a: memref<1x96xf32>, %b: memref<1x96xf32>):
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = program.use_parameter @scale : memref<64xf32>
  %w = program.use_parameter @w : memref<24576xi8>
  %n = program.alloc() : memref<1x64xf32>
  program.launch @norm_0 tasks(%c1) buffers(%x, %s, %n) scalars(%c1) writes [2] : memref<1x64xf32>, memref<64xf32>, memref<1x64xf32>
  program.launch @linear_0 tasks(%c2) buffers(%n, %w, %a) scalars(%c1) writes [2] : memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>
  program.launch @linear_0 tasks(%c2) buffers(%n, %w, %b) scalars(%c1) writes [2] : memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>
  program.return
}

// Read by way of a view of all of it; scalars are joined.
// CHECK-LABEL: program.function @merge
// CHECK: program.launch @fused{{.*}} tasks(%c2) buffers({{.*}}) scalars(%c1, %{{.*}}) writes [1]
program.function @merge inputs ["p"] outputs ["a"] dims [[1, 1, 4, -1, 18], [1, 96]] symbols ["slices"] maxima [16] {
^bb0(%p: memref<1x1x4x?x18xf32>, %a: memref<1x96xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %slices = program.symbol 0
  %w = program.use_parameter @w : memref<24576xi8>
  %n = program.alloc() : memref<1x1x4x16xf32>
  %row = program.view %n at %c0 sizes() strides() : memref<1x1x4x16xf32> to memref<1x64xf32>
  program.launch @merge_0 tasks(%c4) buffers(%p, %n) scalars(%c1, %c1, %slices) writes [1] : memref<1x1x4x?x18xf32>, memref<1x1x4x16xf32>
  program.launch @linear_0 tasks(%c2) buffers(%row, %w, %a) scalars(%c1) writes [2] : memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>
  program.return
}

// Somebody else reads the row.
// CHECK-LABEL: program.function @shared
// CHECK: program.launch @norm_0
// CHECK: program.launch @linear_0
program.function @shared inputs ["x"] outputs ["a", "b"] dims [[1, 64], [1, 96], [1, 64]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %a: memref<1x96xf32>, %b: memref<1x64xf32>):
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = program.use_parameter @scale : memref<64xf32>
  %w = program.use_parameter @w : memref<24576xi8>
  %n = program.alloc() : memref<1x64xf32>
  program.launch @norm_0 tasks(%c1) buffers(%x, %s, %n) scalars(%c1) writes [2] : memref<1x64xf32>, memref<64xf32>, memref<1x64xf32>
  program.launch @linear_0 tasks(%c2) buffers(%n, %w, %a) scalars(%c1) writes [2] : memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>
  program.copy %n to %b : memref<1x64xf32> to memref<1x64xf32>
  program.return
}

// What the row is made of is overwritten before the row is read.
// CHECK-LABEL: program.function @overwritten
// CHECK: program.launch @norm_0
// CHECK: program.launch @linear_0
program.function @overwritten inputs ["x"] outputs ["a"] dims [[1, 64], [1, 96]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %a: memref<1x96xf32>):
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = program.use_parameter @scale : memref<64xf32>
  %w = program.use_parameter @w : memref<24576xi8>
  %y = program.alloc() : memref<1x64xf32>
  %n = program.alloc() : memref<1x64xf32>
  program.copy %x to %y : memref<1x64xf32> to memref<1x64xf32>
  program.launch @norm_0 tasks(%c1) buffers(%y, %s, %n) scalars(%c1) writes [2] : memref<1x64xf32>, memref<64xf32>, memref<1x64xf32>
  program.copy %x to %y : memref<1x64xf32> to memref<1x64xf32>
  program.launch @linear_0 tasks(%c2) buffers(%n, %w, %a) scalars(%c1) writes [2] : memref<1x64xf32>, memref<24576xi8>, memref<1x96xf32>
  program.return
}

// More rows than one are made once.
// CHECK-LABEL: program.function @rows
// CHECK: program.launch @norm_1
// CHECK: program.launch @linear_1
program.function @rows inputs ["x"] outputs ["a"] dims [[2, 64], [2, 96]] symbols [] maxima [] {
^bb0(%x: memref<2x64xf32>, %a: memref<2x96xf32>):
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = program.use_parameter @scale : memref<64xf32>
  %w = program.use_parameter @w : memref<24576xi8>
  %n = program.alloc() : memref<2x64xf32>
  program.launch @norm_1 tasks(%c1) buffers(%x, %s, %n) scalars(%c2) writes [2] : memref<2x64xf32>, memref<64xf32>, memref<2x64xf32>
  program.launch @linear_1 tasks(%c2) buffers(%n, %w, %a) scalars(%c2) writes [2] : memref<2x64xf32>, memref<24576xi8>, memref<2x96xf32>
  program.return
}

// Kernels that nobody launches any more are gone; the element region stays.
// CHECK-NOT: program.kernel @merge_0
// CHECK: program.kernel @[[F]] family "fused" config {main = 1 : i64, scratch = array<i64: 256>, stages = [{buffers = array<i64: 2, 3, -1>
// CHECK-SAME: family = "norm"
// CHECK-SAME: buffers = array<i64: -1, 0, 1>
// CHECK-SAME: family = "linear"
