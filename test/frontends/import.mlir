// Functions of other texts, and private ones, are put in the place of their calls.
// RUN: weft-import %s | FileCheck %s

// CHECK-NOT: weft.import
// CHECK-NOT: private
weft.import "imports/scores.mlir"

// CHECK-LABEL: func.func @forward
// CHECK: tensor.cast %{{.*}} : tensor<?x?x8xf32> to tensor<?x?x?xf32>
// CHECK: arith.addf %{{.*}} : tensor<?x?x?xf32>
// CHECK: linalg.generic
// CHECK: arith.constant 5.000000e-01
// CHECK: arith.mulf
// CHECK: math.tanh
// CHECK: arith.negf
// CHECK-NOT: func.call
#x = affine_map<(b, n, c) -> (b, n, c)>
func.func @forward(%x: tensor<?x?x8xf32> {weft.name = "x"}) -> (tensor<?x?x8xf32> {weft.name = "y"}) {
  %d = func.call @double(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %y = linalg.generic {indexing_maps = [#x, #x], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%d : tensor<?x?x8xf32>) outs(%x : tensor<?x?x8xf32>) {
  ^bb0(%e: f32, %o: f32):
    %0 = func.call @own(%e) : (f32) -> f32
    linalg.yield %0 : f32
  } -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func private @own(%e: f32) -> f32 {
  %0 = func.call @soften(%e) : (f32) -> f32
  %1 = arith.negf %0 : f32
  return %1 : f32
}
