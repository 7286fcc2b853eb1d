// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-vnni | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,PAIRS

// Weights in groups as bytes. Rows become bytes, a scale for each 32 numbers, and their
// codes are added up, for as many groups at once as a vector has lanes. Codes of four bits are unpacked once; then each group of 32 is
// eight products of four bytes for a row and a vector, which begin with the bits of
// 1.5 * 2^23 and so need no conversion: scale, minimum and the row's scale are one fma
// each. A matrix unit has nothing to say.
// CHECK-LABEL: func.func @minima(
// CHECK-NOT: tilezero
// CHECK-NOT: vector.reduction
// CHECK: vector.shuffle
// CHECK: arith.maxsi {{.*}} : vector<{{16|8}}xi32>
// CHECK: arith.divf {{.*}} : vector<{{16|8}}xf32>
// CHECK: arith.trunci
// CHECK: vector.shuffle
// CHECK: arith.addi {{.*}} : vector<{{16|8}}xi32>
// CHECK: arith.constant dense<252645135> : vector<{{16|8}}xi32>
// CHECK: arith.constant dense<1262485504> : vector<{{16|8}}xi32>
// VNNI-COUNT-96: llvm.x86.avx512.vpdpbusd.512
// VNNI: vector.bitcast {{.*}} : vector<16xi32> to vector<16xf32>
// PAIRS-COUNT-2: llvm.x86.avx2.pmadd.ub.sw
// PAIRS: llvm.x86.avx2.pmadd.wd
// PAIRS: vector.bitcast {{.*}} : vector<8xi32> to vector<8xf32>
// CHECK-COUNT-3: math.fma
program.kernel @minima family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<128x64xf32>, memref<3840xi8>, memref<128x96xf32>] scalars 1

// Bytes are read where they are; the zero code is taken back by what sums begin with.
// One row streams its weights.
// CHECK-LABEL: func.func @one(
// CHECK: arith.muli {{.*}} : vector<{{16|8}}xi32>
// CHECK: memref.prefetch
// VNNI-COUNT-24: llvm.x86.avx512.vpdpbusd.512
// PAIRS-NOT: pmadd.ub.sw
// CHECK-COUNT-2: math.fma
program.kernel @one family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q8_0>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "int8"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<1x64xf32>, memref<6528xi8>, memref<1x96xf32>] scalars 1
