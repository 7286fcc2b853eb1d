// RUN: weft-opt %s -split-input-file -weft-lower-to-program | FileCheck %s

// A flag that is computed, and results of the size that a tensor before them has: both regions write to the output.
func.func @choose(%x: tensor<?x?x8xf32>, %f: tensor<4xi1>) -> tensor<?x?x8xf32> {
  %c2 = arith.constant 2 : index
  %flag = tensor.extract %f[%c2] : tensor<4xi1>
  %y = scf.if %flag -> tensor<?x?x8xf32> {
    %0 = math.exp %x : tensor<?x?x8xf32>
    scf.yield %0 : tensor<?x?x8xf32>
  } else {
    %0 = weft.norm<rms> %x epsilon 1.0e-5 : tensor<?x?x8xf32>
    scf.yield %0 : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: program.function @choose
// CHECK: ^bb0(%[[X:.*]]: memref<?x?x8xf32>, %[[F:.*]]: memref<4xi1>, %[[Y:.*]]: memref<?x?x8xf32>):
// CHECK: %[[FLAG:.*]] = memref.load %[[F]][%{{.*}}] : memref<4xi1>
// CHECK: scf.if %[[FLAG]] {
// CHECK: %[[TO:.*]] = program.view %[[Y]]
// CHECK: program.launch @generic_0 {{.*}} buffers(%{{.*}}, %[[TO]])
// CHECK: } else {
// CHECK: program.launch @norm_0 {{.*}} buffers(%{{.*}}, %{{.*}}) {{.*}} writes [1]
// CHECK: }
// CHECK-NEXT: program.return

// -----

// What is yielded lies elsewhere already, and is copied; sizes of a part.
func.func @part(%x: tensor<?x?x8xf32>, %f: tensor<i64>) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %none = arith.constant 0 : i64
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %t = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %n = tensor.extract %f[] : tensor<i64>
  %flag = arith.cmpi ne, %n, %none : i64
  %y = scf.if %flag -> tensor<?x?x4xf32> {
    %0 = tensor.extract_slice %x[0, 0, 0] [%b, %t, 4] [1, 1, 1] : tensor<?x?x8xf32> to tensor<?x?x4xf32>
    scf.yield %0 : tensor<?x?x4xf32>
  } else {
    %0 = tensor.extract_slice %x[0, 0, 4] [%b, %t, 4] [1, 1, 1] : tensor<?x?x8xf32> to tensor<?x?x4xf32>
    scf.yield %0 : tensor<?x?x4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: program.function @part
// CHECK: %[[N:.*]] = memref.load
// CHECK: %[[FLAG:.*]] = arith.cmpi ne, %[[N]], %{{.*}} : i64
// CHECK: scf.if %[[FLAG]] {
// CHECK: program.launch @generic_0
// CHECK: } else {
// CHECK: program.launch @generic_0
