// RUN: weft-opt %s -weft-lower-to-program=explain=true | FileCheck %s

func.func @best(%x: tensor<?x?x128xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xi64>) {
  %values, %places = weft.top_k %x
    : tensor<?x?x128xf32> -> tensor<?x?x4xf32>, tensor<?x?x4xi64>
  return %values, %places : tensor<?x?x4xf32>, tensor<?x?x4xi64>
}

// CHECK: affine_map<()[s0, s1] -> (s0 ceildiv 128)>
// CHECK-LABEL: program.function @best
// CHECK-SAME: lowering = "top_k", op = "weft.top_k"
// CHECK: %[[ROWS:.*]] = arith.muli
// CHECK: program.launch @top_k_0 tasks(%{{.*}}) buffers(%{{.*}}, %{{.*}}, %{{.*}}) scalars(%[[ROWS]], %c128) writes [1, 2]
// CHECK: program.kernel @top_k_0 family "top_k" config {k = 4 : i64, rows_per_task = 128 : i64}
// CHECK-SAME: operands [memref<?x128xf32>, memref<?x4xf32>, memref<?x4xi64>] scalars 2
