// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,NARROW

// Tiles of 8 x 48 or 6 x 16 carry their sums through a loop over all of K; lower
// heights are cases.
// CHECK-LABEL: func.func @tiles(
// CHECK-SAME: program.scratch = 0 : i64
// CHECK: scf.index_switch
// CHECK: default
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

// Many rows: the panel becomes f32 in scratch, once a task.
// CHECK-LABEL: func.func @dequantize(
// CHECK-SAME: program.scratch = 12352 : i64
program.kernel @dequantize family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>],
          rows_per_task = 128, panels_per_task = 1, precision = "f32"}
  tasks affine_map<()[m] -> (m ceildiv 128 * 2)>
  operands [memref<?x64xf32>, memref<3840xi8>, memref<?x96xf32>] scalars 1
