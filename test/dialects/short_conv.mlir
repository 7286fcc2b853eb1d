// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @short_conv
func.func @short_conv(%x: tensor<?x?x8xf32>, %f: tensor<8x4xf32>, %b: tensor<8xf32>)
    -> tensor<?x?x8xf32> {
  // CHECK: weft.short_conv %{{.*}}, %{{.*}} : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  %0, %taps = weft.short_conv %x, %f
    : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  // CHECK: weft.short_conv %{{.*}}, %{{.*}} with %{{.*}} from %{{.*}} combine(%acc0, %extra0) {
  // CHECK: } : tensor<?x?x8xf32>, tensor<8x4xf32> with tensor<8xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  %1, %next = weft.short_conv %0, %f with %b from %taps combine(%acc, %e) {
      %2 = arith.addf %acc, %e : f32
      weft.yield %2 : f32
    } : tensor<?x?x8xf32>, tensor<8x4xf32> with tensor<8xf32>
    -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  // CHECK: weft.short_conv {{.*}} {dilation = 2 : i64}
  %3, %wide = weft.short_conv %1, %f {dilation = 2}
    : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x6x8xf32>
  return %3 : tensor<?x?x8xf32>
}
