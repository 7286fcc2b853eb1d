// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefix=AMX
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefix=WIDE
// RUN: sed 's/"bf16"/"split"/' %s | weft-opt -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefix=SPLIT
// RUN: sed 's/"bf16"/"int8"/' %s | not weft-opt -weft-emit-kernels=level=x86-64-v4-amx 2>&1 | FileCheck %s --check-prefix=INVALID

// With a matrix unit chunks of tokens are multiplied in tiles: pairs of tokens, tokens
// with the state, updates. Without one blocks of tokens are, in f32.
// AMX-LABEL: func.func @chunks(
// AMX: llvm.x86.ldtilecfg
// AMX: llvm.x86.avx512bf16.cvtne2ps2bf16.512
// AMX-COUNT-3: llvm.x86.tdpbf16ps
// AMX: llvm.x86.tilestored64
// AMX-COUNT-8: llvm.x86.tdpbf16ps
// AMX: llvm.x86.tilerelease
// WIDE-LABEL: func.func @chunks(
// WIDE-NOT: llvm.x86
// WIDE-NOT: bf16
// WIDE: math.fma
// Each factor has a second part.
// SPLIT-LABEL: func.func @chunks(
// SPLIT: arith.extf {{.*}} : vector<16xbf16> to vector<16xf32>
// SPLIT-COUNT-9: llvm.x86.tdpbf16ps
// SPLIT: llvm.x86.tilestored64
// INVALID: expected 'precision' f32, split or bf16 but got "int8"
program.kernel @chunks family "scan"
  config {transition = #weft.accumulate, h = 2, r = 32, c = 32, columns_per_task = 32,
          precision = "bf16"}
  tasks affine_map<()[b, t] -> (b * 2)>
  operands [memref<1x?x2x32xf32>, memref<1x?x2x32xf32>, memref<1x?x2x32xf32>,
            memref<1x2x32x32xf32>, memref<1x?x2x32xf32>, memref<1x2x32x32xf32>] scalars 2
