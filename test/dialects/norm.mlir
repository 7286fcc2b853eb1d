// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @norms
func.func @norms(%x: tensor<?x?x8xf32>, %g: tensor<8xf32>, %y: tensor<4xf32>)
    -> tensor<?x?x8xf32> {
  // CHECK: weft.norm<layer> %{{.*}} scale %{{.*}} shift %{{.*}} epsilon 9.99999974E-6 : tensor<?x?x8xf32> scale tensor<8xf32> shift tensor<8xf32>
  %0 = weft.norm<layer> %x scale %g shift %g epsilon 1.0e-05
    : tensor<?x?x8xf32> scale tensor<8xf32> shift tensor<8xf32>
  // CHECK: weft.norm<rms> %{{.*}} scale %{{.*}} epsilon
  %1 = weft.norm<rms> %0 scale %g epsilon 1.0e-05 : tensor<?x?x8xf32> scale tensor<8xf32>
  // CHECK: weft.norm<l2> %{{.*}} epsilon 0.000000e+00 : tensor<4xf32>
  %2 = weft.norm<l2> %y epsilon 0.0 : tensor<4xf32>
  return %1 : tensor<?x?x8xf32>
}
