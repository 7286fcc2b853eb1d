// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,NARROW

// Tiles of 8 x 48 or 6 x 16 carry their sums through a loop over K, which fetches
// what comes next now and then; lower heights are cases.
// CHECK-LABEL: func.func @tiles(
// CHECK-SAME: program.scratch = 0 : i64
// CHECK: scf.index_switch
// CHECK: default
// WIDE: scf.for {{.*}} -> (vector<16xf32>{{(, vector<16xf32>)+}}, index)
// WIDE: memref.prefetch
// WIDE: scf.for {{.*}} -> (vector<16xf32>{{(, vector<16xf32>)+}})
// WIDE-COUNT-24: math.fma
// NARROW-COUNT-12: math.fma
// CHECK: arith.addf
// CHECK: vector.maskedstore
program.kernel @tiles family "linear"
  config {k = 64, n = 100, layouts = [#program.panels<100 by 64 of f32, width 48>],
          rows_per_task = 128, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m ceildiv 128 * 3)>
  operands [memref<?x64xf32>, memref<36864xi8>, memref<100xf32>, memref<?x100xf32>]
  scalars 1
  element {
  ^bb0(%acc: f32, %bias: f32):
    %0 = arith.addf %acc, %bias : f32
    weft.yield %0 : f32
  }

// Codes of 4 bits index a table where a permutation has 16 entries; elsewhere they
// are converted.
// CHECK-LABEL: func.func @row(
// CHECK-SAME: program.scratch = 64 : i64
// WIDE: dense<[0.000000e+00, 1.000000e+00, {{.*}} 1.500000e+01]>
// WIDE: llvm.x86.avx512.permvar.sf.512
// NARROW: vector.shuffle
// NARROW: arith.sitofp
program.kernel @row family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>],
          rows_per_task = 1, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (2)>
  operands [memref<1x64xf32>, memref<3840xi8>, memref<1x96xf32>] scalars 1

// Many rows: the panel becomes f32 in scratch, once a task. Few rows, as their
// number says, do not need it.
// CHECK-LABEL: func.func @dequantize(
// CHECK-SAME: program.scratch = 12352 : i64
// CHECK: scf.index_switch
// CHECK-NEXT: case 1
program.kernel @dequantize family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>],
          rows_per_task = 128, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m ceildiv 128 * 2)>
  operands [memref<?x64xf32>, memref<3840xi8>, memref<?x96xf32>] scalars 1

// Long K is added up in parts: sums wait in scratch, results are written after the
// last part.
// CHECK-LABEL: func.func @parts(
// WIDE-SAME: program.scratch = 24576 : i64
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0
// CHECK: %[[LAST:.*]] = arith.cmpi sgt, %{{.*}}, %c383
// CHECK: scf.if %[[FIRST]]
// CHECK: scf.if %[[LAST]]
program.kernel @parts family "linear"
  config {k = 576, n = 96, layouts = [#program.panels<96 by 576 of f32, width 48>],
          rows_per_task = 128, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m ceildiv 128 * 2)>
  operands [memref<?x576xf32>, memref<221184xi8>, memref<?x96xf32>] scalars 1
