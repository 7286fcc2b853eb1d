// RUN: weft-opt %s -split-input-file -weft-lower-to-program -mlir-print-local-scope | FileCheck %s

// Rows that stay in a cache are read again; others are read twice in all. All
// axes but the last are rows.
func.func @rows(%x: tensor<?x4x96xf32>, %y: tensor<2x300000xf32>)
    -> (tensor<?x4x96xf32>, tensor<2x300000xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4x96xf32>
  %e = tensor.empty(%n) : tensor<?x4x96xf32>
  %0 = linalg.softmax dimension(2) ins(%x : tensor<?x4x96xf32>) outs(%e : tensor<?x4x96xf32>) -> tensor<?x4x96xf32>
  %e1 = tensor.empty() : tensor<2x300000xf32>
  %1 = linalg.softmax dimension(1) ins(%y : tensor<2x300000xf32>) outs(%e1 : tensor<2x300000xf32>) -> tensor<2x300000xf32>
  return %0, %1 : tensor<?x4x96xf32>, tensor<2x300000xf32>
}

// CHECK-LABEL: program.function @rows
// CHECK: program.launch @[[STORED:.*]] tasks(
// CHECK: program.launch @[[ONLINE:.*]] tasks(%c2
// CHECK: program.kernel @[[STORED]] {{.*}}"softmax"{{.*}}c = 96 : i64, form = "stored", rows_per_task = 170
// CHECK: program.kernel @[[ONLINE]] {{.*}}"softmax"{{.*}}c = 300000 : i64, form = "online", rows_per_task = 1

// -----

// A length that is known when it runs is a scalar.
func.func @unknown(%x: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<3x?xf32>
  %e = tensor.empty(%n) : tensor<3x?xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<3x?xf32>) outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %0 : tensor<3x?xf32>
}

// CHECK-LABEL: program.function @unknown
// CHECK: program.launch @{{.*}} scalars(%c3{{.*}}, %{{.*}})
// CHECK: program.kernel {{.*}}"softmax"{{.*}}form = "stored"

// -----

// Another axis, another type: by definition.
func.func @others(%x: tensor<4x8xf32>, %y: tensor<4x8xf64>) -> (tensor<4x8xf32>, tensor<4x8xf64>) {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.softmax dimension(0) ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %e1 = tensor.empty() : tensor<4x8xf64>
  %1 = linalg.softmax dimension(1) ins(%y : tensor<4x8xf64>) outs(%e1 : tensor<4x8xf64>) -> tensor<4x8xf64>
  return %0, %1 : tensor<4x8xf32>, tensor<4x8xf64>
}

// CHECK-LABEL: program.function @others
// CHECK-NOT: "softmax"
