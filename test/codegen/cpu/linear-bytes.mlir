// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefixes=CHECK,AMX
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-vnni | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,PAIRS

// Rows are rounded to bytes: the largest magnitude, then codes. A matrix unit takes
// them signed; vectors take them with 128 added, which the sums of the weights' codes
// take back. Sums become numbers by the scales of row and output.
// CHECK-LABEL: func.func @many(
// CHECK: vector.reduction <maxsi>
// CHECK: arith.trunci {{.*}} : vector<{{16|8}}xi32> to vector<{{16|8}}xi8>
// AMX: llvm.x86.tilezero
// AMX: llvm.x86.tdpbssd
// AMX: scf.for
// AMX-COUNT-2: llvm.x86.tileloaddt164
// AMX-COUNT-2: llvm.x86.tileloadd64
// AMX-COUNT-4: llvm.x86.tdpbssd
// VNNI: llvm.x86.avx512.vpdpbusd.512
// PAIRS: llvm.x86.avx2.pmadd.wd
// CHECK: arith.sitofp
// CHECK-COUNT-2: arith.mulf
program.kernel @many family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of tuple<i8>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<128x64xf32>, memref<6912xi8>, memref<128x96xf32>] scalars 1

// One row streams its weights, on every level.
// CHECK-LABEL: func.func @one(
// AMX-NOT: llvm.x86.tdpbssd
// CHECK: memref.prefetch
// VNNI-COUNT-12: llvm.x86.avx512.vpdpbusd.512
program.kernel @one family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of tuple<i8>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<1x64xf32>, memref<6912xi8>, memref<1x96xf32>] scalars 1
