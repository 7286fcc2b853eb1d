// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @plain
func.func @plain(%x: tensor<?x?x64xf32>, %w: tensor<32x64x!weft.blocks<#weft.q4_1>>)
    -> tensor<?x?x32xf32> {
  // CHECK: weft.linear %{{.*}}, %{{.*}} : tensor<?x?x64xf32>, tensor<32x64x!weft.blocks<#weft.q4_1>> -> tensor<?x?x32xf32>
  %0 = weft.linear %x, %w
    : tensor<?x?x64xf32>, tensor<32x64x!weft.blocks<#weft.q4_1>> -> tensor<?x?x32xf32>
  return %0 : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @combined
func.func @combined(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf16>,
                    %bias: tensor<32xf32>, %residual: tensor<1x?x32xf32>)
    -> tensor<1x?x32xf32> {
  %two = arith.constant 2.0 : f32
  // CHECK: weft.linear %{{.*}}, %{{.*}} with %{{.*}}, %{{.*}} combine(%acc0, %extra0, %extra1) {
  // CHECK: weft.yield
  // CHECK: } : tensor<1x?x64xf32>, tensor<32x64xf16> with tensor<32xf32>, tensor<1x?x32xf32> -> tensor<1x?x32xf32>
  %0 = weft.linear %x, %w with %bias, %residual combine(%acc, %b, %r) {
      %1 = arith.addf %acc, %b : f32
      %2 = arith.mulf %1, %two : f32
      %3 = arith.addf %2, %r : f32
      weft.yield %3 : f32
    } : tensor<1x?x64xf32>, tensor<32x64xf16>
      with tensor<32xf32>, tensor<1x?x32xf32> -> tensor<1x?x32xf32>
  return %0 : tensor<1x?x32xf32>
}
