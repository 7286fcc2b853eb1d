// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefixes=CHECK,AMX
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,WIDE

// On a matrix unit: shapes of tiles are stated, rows are rounded to bf16 once a row
// block, a step of K is four loads and four products, of which those of rows go past
// the first cache; the first step stores the sums of the block before. Elsewhere the same tiles become f32 by a shift and a mask.
// CHECK-LABEL: func.func @bf16(
// AMX: llvm.x86.ldtilecfg
// AMX: arith.truncf {{.*}} : vector<32xf32> to vector<32xbf16>
// AMX-COUNT-2: llvm.x86.tileloaddt164
// AMX-COUNT-2: llvm.x86.tileloadd64
// AMX: llvm.x86.tilestored64
// AMX: llvm.x86.tilezero
// AMX: llvm.x86.tdpbf16ps
// AMX: scf.for
// AMX-COUNT-2: llvm.x86.tileloaddt164
// AMX-COUNT-2: llvm.x86.tileloadd64
// AMX-COUNT-4: llvm.x86.tdpbf16ps
// AMX: llvm.x86.tilerelease
// WIDE-NOT: llvm.x86
// WIDE: arith.shli
// WIDE: arith.andi
// WIDE: math.fma
program.kernel @bf16 family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of tuple<bf16>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "bf16"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<?x64xf32>, memref<12288xi8>, memref<?x96xf32>] scalars 1

// Two parts of each factor: three products out of eight loads.
// CHECK-LABEL: func.func @split(
// AMX: llvm.x86.tilezero
// AMX: scf.for
// AMX-COUNT-2: llvm.x86.tileloaddt164
// AMX-COUNT-2: llvm.x86.tileloadd64
// AMX-COUNT-4: llvm.x86.tdpbf16ps
// AMX-COUNT-2: llvm.x86.tileloaddt164
// AMX-COUNT-4: llvm.x86.tdpbf16ps
// AMX-COUNT-2: llvm.x86.tileloadd64
// AMX-COUNT-4: llvm.x86.tdpbf16ps
program.kernel @split family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of tuple<bf16, bf16>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "split"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<128x64xf32>, memref<24576xi8>, memref<128x96xf32>] scalars 1

// Blocks are stored once, and become tiles column by column.
// CHECK-LABEL: func.func @blocks(
// AMX: llvm.x86.avx512.permvar.sf.512
// AMX: llvm.x86.tdpbf16ps
program.kernel @blocks family "linear"
  config {k = 64, n = 96,
          layouts = [#program.panels<96 by 64 of !weft.blocks<#weft.q4_1>, width 48>],
          rows_per_task = 128, panels_per_task = 2, precision = "bf16"}
  tasks affine_map<()[m] -> (m ceildiv 128)>
  operands [memref<128x64xf32>, memref<3840xi8>, memref<128x96xf32>] scalars 1
