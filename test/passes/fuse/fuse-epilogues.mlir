// RUN: weft-opt %s -weft-fuse-epilogues -split-input-file | FileCheck %s

// Queries are rotated, keys are rotated into the cache, values copied there: a
// task makes two panels, which are three heads, and finishes them.

#panels = affine_map<()[m] -> (m ceildiv 96 * 4)>
#tokens = affine_map<()[b, t] -> (b * t)>

program.kernel @linear_0 family "linear" config {k = 64, n = 192, layouts = [#program.panels<192 by 64 of f32, width 48>], rows_per_task = 96, panels_per_task = 1}
  tasks #panels operands [memref<1x64xf32>, memref<49152xi8>, memref<1x192xf32>] scalars 1
program.kernel @rope_0 family "rope" config {pairing = #weft.rope_pairing<half>, h = 4, d = 32, r = 16}
  tasks #tokens operands [memref<1x1x4x32xf32>, memref<1x2x16xf32>, memref<1x1x4x32xf32>] scalars 2
program.kernel @rope_1 family "rope" config {pairing = #weft.rope_pairing<half>, h = 1, d = 32, r = 16}
  tasks #tokens operands [memref<1x1x1x32xf32>, memref<1x2x16xf32>, memref<1x1x1x32xf32>] scalars 2
program.parameter @w : #program.panels<192 by 64 of f32, width 48> from [@m]
weft.parameter @m : tensor<192x64xf32> in "m" at 0
program.state @key<append> : memref<128x1x32xf32>
program.state @value<append> : memref<128x1x32xf32>

// CHECK-LABEL: program.function @step
// CHECK-NOT: @linear_0
// CHECK-NOT: program.copy
// CHECK: program.launch @fused tasks(%{{.*}}) buffers(%{{.*}}, %{{.*}}, %[[QKV:.*]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) scalars(%c1) writes [2, 4, 5, 6]
// CHECK-NOT: program.launch
// CHECK: program.kernel @fused family "fused" config {main = 0 : i64
// CHECK-SAME: panels_per_task = 2
// CHECK-SAME: family = "rope", offsets = array<i64: 0, 0, 0>,
// CHECK-SAME: slots = array<i64: 0, 4, 3>, strides = array<i64: 32, 0, 32>
// CHECK-SAME: family = "rope", offsets = array<i64: 128, 0, 0>,
// CHECK-SAME: slots = array<i64: 4, 5, 3>
// CHECK-SAME: family = "copy", offsets = array<i64: 160, 0>
// CHECK-SAME: slots = array<i64: 5, 6, 3>
program.function @step inputs ["x", "table"] outputs ["q"] dims [[1, 64], [1, 2, 16], [1, 1, 4, 32]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %table: memref<1x2x16xf32>, %q: memref<1x1x4x32xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  %c160 = arith.constant 160 : index
  %at = program.state_length @key
  %w = program.use_parameter @w : memref<49152xi8>
  %key = program.use_state @key : memref<128x1x32xf32>
  %value = program.use_state @value : memref<128x1x32xf32>
  %all = program.alloc() : memref<1x192xf32>
  program.launch @linear_0 tasks(%c4) buffers(%x, %w, %all) scalars(%c1) writes [2] : memref<1x64xf32>, memref<49152xi8>, memref<1x192xf32>
  %0 = program.view %all at %c0 sizes() strides() : memref<1x192xf32> to memref<1x1x4x32xf32>
  program.launch @rope_0 tasks(%c1) buffers(%0, %table, %q) scalars(%c1, %c1) writes [2] : memref<1x1x4x32xf32>, memref<1x2x16xf32>, memref<1x1x4x32xf32>
  %1 = program.view %all at %c128 sizes() strides() : memref<1x192xf32> to memref<1x1x1x32xf32>
  %k = program.view %key at %at sizes() strides() : memref<128x1x32xf32> to memref<1x1x1x32xf32>
  program.launch @rope_1 tasks(%c1) buffers(%1, %table, %k) scalars(%c1, %c1) writes [2] : memref<1x1x1x32xf32>, memref<1x2x16xf32>, memref<1x1x1x32xf32>
  %2 = program.view %all at %c160 sizes() strides() : memref<1x192xf32> to memref<1x1x1x32xf32>
  %v = program.view %value at %at sizes() strides() : memref<128x1x32xf32> to memref<1x1x1x32xf32>
  program.copy %2 to %v : memref<1x1x1x32xf32> to memref<1x1x1x32xf32>
  program.return tokens %c1
}

// -----

// Left alone: a rotation in place of what it reads, since the projection's result
// is read by somebody else too.

#panels = affine_map<()[m] -> (m ceildiv 96 * 1)>
#tokens = affine_map<()[b, t] -> (b * t)>

program.kernel @linear_0 family "linear" config {k = 64, n = 32, layouts = [#program.panels<32 by 64 of f32, width 48>], rows_per_task = 96, panels_per_task = 1}
  tasks #panels operands [memref<1x64xf32>, memref<12288xi8>, memref<1x32xf32>] scalars 1
program.kernel @rope_1 family "rope" config {pairing = #weft.rope_pairing<half>, h = 1, d = 32, r = 16}
  tasks #tokens operands [memref<1x1x1x32xf32>, memref<1x2x16xf32>, memref<1x1x1x32xf32>] scalars 2
program.parameter @w : #program.panels<32 by 64 of f32, width 48> from [@m]
weft.parameter @m : tensor<32x64xf32> in "m" at 0

// CHECK-LABEL: program.function @shared
// CHECK: program.launch @linear_0
// CHECK: program.launch @rope_1
// CHECK-LABEL: program.function @alone
// Panels are no whole heads here, but one task makes them all.
// CHECK: program.launch @fused
// CHECK-NOT: program.launch
program.function @shared inputs ["x", "table"] outputs ["q", "y"] dims [[1, 64], [1, 2, 16], [1, 1, 1, 32], [1, 32]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %table: memref<1x2x16xf32>, %q: memref<1x1x1x32xf32>, %y: memref<1x32xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = program.use_parameter @w : memref<12288xi8>
  %all = program.alloc() : memref<1x32xf32>
  program.launch @linear_0 tasks(%c1) buffers(%x, %w, %all) scalars(%c1) writes [2] : memref<1x64xf32>, memref<12288xi8>, memref<1x32xf32>
  %0 = program.view %all at %c0 sizes() strides() : memref<1x32xf32> to memref<1x1x1x32xf32>
  program.launch @rope_1 tasks(%c1) buffers(%0, %table, %q) scalars(%c1, %c1) writes [2] : memref<1x1x1x32xf32>, memref<1x2x16xf32>, memref<1x1x1x32xf32>
  program.launch @linear_1 tasks(%c1) buffers(%all, %w, %y) scalars(%c1) writes [2] : memref<1x32xf32>, memref<12288xi8>, memref<1x32xf32>
  program.return
}
program.kernel @linear_1 family "linear" config {k = 32, n = 32, layouts = [#program.panels<32 by 64 of f32, width 48>], rows_per_task = 96, panels_per_task = 1}
  tasks #panels operands [memref<1x32xf32>, memref<12288xi8>, memref<1x32xf32>] scalars 1
program.function @alone inputs ["x", "table"] outputs ["q"] dims [[1, 64], [1, 2, 16], [1, 1, 1, 32]] symbols [] maxima [] {
^bb0(%x: memref<1x64xf32>, %table: memref<1x2x16xf32>, %q: memref<1x1x1x32xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %w = program.use_parameter @w : memref<12288xi8>
  %all = program.alloc() : memref<1x32xf32>
  program.launch @linear_0 tasks(%c1) buffers(%x, %w, %all) scalars(%c1) writes [2] : memref<1x64xf32>, memref<12288xi8>, memref<1x32xf32>
  %0 = program.view %all at %c0 sizes() strides() : memref<1x32xf32> to memref<1x1x1x32xf32>
  program.launch @rope_1 tasks(%c1) buffers(%0, %table, %q) scalars(%c1, %c1) writes [2] : memref<1x1x1x32xf32>, memref<1x2x16xf32>, memref<1x1x1x32xf32>
  program.return
}
