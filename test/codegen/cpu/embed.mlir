// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v4 | FileCheck %s
// RUN: weft-opt %s -weft-emit-kernels=level=x86-64-v3 -weft-lower-kernels | FileCheck %s --check-prefix=EXPORT

// CHECK-LABEL: func.func @rows(
// CHECK-SAME: memref<?xi64>, %{{.*}}: memref<4000xi8>, %{{.*}}: memref<?x20xf32>, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: memref<?xi8>
// CHECK-SAME: program.kernel, program.scalars = 1 : i64, program.scratch = 0 : i64
// CHECK: arith.cmpi ult
// CHECK: arith.extf {{.*}} : vector<16xf16> to vector<16xf32>
// CHECK: vector.maskedstore
// EXPORT-LABEL: llvm.func internal @rows.kernel(
// EXPORT-SAME: !llvm.ptr {llvm.noalias}
// EXPORT-LABEL: llvm.func @rows(
// EXPORT-SAME: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64, %{{.*}}: !llvm.ptr
// EXPORT: llvm.call @rows.kernel
program.kernel @rows family "embed"
  config {layout = #program.rows<tensor<100x20xf16>>, rows = 100, c = 20}
  tasks affine_map<(m) -> (m)>
  operands [memref<?xi64>, memref<4000xi8>, memref<?x20xf32>] scalars 1

// CHECK-LABEL: func.func @panels(
// CHECK: memref.view {{.*}} : memref<5760xi8> to memref<8x48xi32>
// CHECK: dense<[0, 8, 16, 24, 4, 12, 20, 28]>
program.kernel @panels family "embed"
  config {layout = #program.panels<100 by 64 of !weft.blocks<#weft.q4_1>, width 48>, rows = 100, c = 64}
  tasks affine_map<(m) -> (m)>
  operands [memref<?xi32>, memref<5760xi8>, memref<?x64xf32>] scalars 1
