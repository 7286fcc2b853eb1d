// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4-amx | FileCheck %s --check-prefix=AMX
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s --check-prefix=WIDE

// On packed keys: with a matrix unit both products are of tiles, without one rows of
// keys are widened.
// AMX-LABEL: func.func @packed(
// AMX: llvm.x86.ldtilecfg
// AMX-COUNT-4: llvm.x86.tileloadd64
// AMX-COUNT-4: llvm.x86.tdpbf16ps
// AMX: llvm.x86.tilestored64
// Weights are bf16 at once, between products of later keys; those that do not fit
// are exponentials of f32.
// AMX: llvm.x86.avx512.permvar.hi.512
// AMX-NEXT: arith.extui
// AMX: llvm.x86.tdpbf16ps
// AMX: llvm.x86.avx512.permvar.hi.512
// AMX: math.exp
// AMX: llvm.x86.avx512bf16.dpbf16ps.512
// AMX: llvm.x86.tdpbf16ps
// AMX: llvm.x86.tilerelease
// WIDE-LABEL: func.func @packed(
// WIDE-NOT: llvm.x86
// WIDE: arith.extf {{.*}} : vector<16xbf16> to vector<16xf32>
// WIDE: math.fma
program.kernel @packed family "attention"
  config {normaliser = #weft.softmax, scale = 0.125, h = 2, g = 1, d = 32, e = 32,
          queries_per_task = 32, packed}
  tasks affine_map<()[b, t, s, i, j] -> (b * (t ceildiv 32) * 2)>
  operands [memref<1x?x2x32xf32>, memref<1x1x?x32x32xbf16>,
            memref<1x1x?x32x32xbf16>, memref<1x?x2x32xf32>] scalars 5
