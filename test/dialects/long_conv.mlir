// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @long_conv
func.func @long_conv(%x: tensor<?x?x8xf32>, %f: tensor<16x8xf32>, %g: tensor<?x2xf32>, %n: index)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  // CHECK: weft.long_conv %{{.*}}, %{{.*}} : tensor<?x?x8xf32>, tensor<16x8xf32> -> tensor<?x?x8xf32>
  %0 = weft.long_conv %x, %f : tensor<?x?x8xf32>, tensor<16x8xf32> -> tensor<?x?x8xf32>
  // CHECK: weft.long_conv %{{.*}}, %{{.*}} bidirectional : tensor<?x?x8xf32>, tensor<?x2xf32> -> tensor<?x?x8xf32>
  %1 = weft.long_conv %x, %g bidirectional : tensor<?x?x8xf32>, tensor<?x2xf32> -> tensor<?x?x8xf32>
  // CHECK: weft.long_conv %{{.*}}, %{{.*}} skip %{{.*}} : tensor<?x?x8xf32>, tensor<16x8xf32> -> tensor<?x?x8xf32>
  %2 = weft.long_conv %x, %f skip %n : tensor<?x?x8xf32>, tensor<16x8xf32> -> tensor<?x?x8xf32>
  return %0, %1, %2 : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
