// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @embed
func.func @embed(%ids: tensor<?x?xi64>, %table: tensor<8x64x!weft.blocks<#weft.q8_0>>,
                 %p: index) -> tensor<?x?x64xf32> {
  // CHECK: weft.positions %{{.*}} : tensor<?x?xi64>
  %0 = weft.positions %ids : tensor<?x?xi64>
  // CHECK: weft.positions %{{.*}} at %{{.*}} offset 2 : tensor<?x?xi64>
  %1 = weft.positions %0 at %p offset 2 : tensor<?x?xi64>
  // CHECK: weft.embed %{{.*}}, %{{.*}} : tensor<?x?xi64>, tensor<8x64x!weft.blocks<#weft.q8_0>> -> tensor<?x?x64xf32>
  %2 = weft.embed %1, %table
    : tensor<?x?xi64>, tensor<8x64x!weft.blocks<#weft.q8_0>> -> tensor<?x?x64xf32>
  return %2 : tensor<?x?x64xf32>
}
