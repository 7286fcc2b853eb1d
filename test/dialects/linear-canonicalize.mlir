// RUN: weft-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @identity(
func.func @identity(%x: tensor<1x?x8xf32>, %w: tensor<4x8xf32>) -> tensor<1x?x4xf32> {
  // CHECK: weft.linear %{{.*}}, %{{.*}} : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x4xf32>
  %0 = weft.linear %x, %w combine(%acc) {
      weft.yield %acc : f32
    } : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x4xf32>
  return %0 : tensor<1x?x4xf32>
}

// CHECK-LABEL: func.func @unused(
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x?x8xf32>, %[[W:[^:]*]]: tensor<4x8xf32>, %{{.*}}: tensor<4x8xf32>, %{{.*}}: tensor<4xf32>, %[[C:[^:]*]]: tensor<4xf32>)
func.func @unused(%x: tensor<1x?x8xf32>, %w: tensor<4x8xf32>, %v: tensor<4x8xf32>,
                  %b: tensor<4xf32>, %c: tensor<4xf32>) -> tensor<1x?x4xf32> {
  // CHECK: weft.linear %[[X]], %[[W]] with %[[C]] combine(%[[ACC:.*]], %[[EXTRA:.*]]) {
  // CHECK: arith.mulf %[[ACC]], %[[ACC]]
  // CHECK: arith.addf %{{.*}}, %[[EXTRA]]
  // CHECK: arith.addf %{{.*}}, %[[EXTRA]]
  %0 = weft.linear %x, %w, %v, %w with %b, %c, %c
    combine(%acc0, %acc1, %acc2, %extra0, %extra1, %extra2) {
      %1 = arith.mulf %acc0, %acc2 : f32
      %2 = arith.addf %1, %extra1 : f32
      %3 = arith.addf %2, %extra2 : f32
      weft.yield %3 : f32
    } : tensor<1x?x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
      with tensor<4xf32>, tensor<4xf32>, tensor<4xf32> -> tensor<1x?x4xf32>
  return %0 : tensor<1x?x4xf32>
}

// One weight stays, as it says what the result is shaped like.
// CHECK-LABEL: func.func @constant(
func.func @constant(%x: tensor<1x?x8xf32>, %w: tensor<4x8xf32>) -> tensor<1x?x4xf32> {
  %one = arith.constant 1.0 : f32
  // CHECK: weft.linear %{{.*}}, %{{.*}} combine(%{{.*}}) {
  %0 = weft.linear %x, %w combine(%acc) {
      weft.yield %one : f32
    } : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x4xf32>
  return %0 : tensor<1x?x4xf32>
}
