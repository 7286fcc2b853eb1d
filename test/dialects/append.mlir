// RUN: weft-opt %s | weft-opt | FileCheck %s

// CHECK-LABEL: func.func @append
// CHECK-SAME: {weft.state = #weft.state<"layers.0.key", append>}
func.func @append(%k: tensor<?x?x8xf32>,
                  %s: tensor<1x64x8xf32> {weft.state = #weft.state<"layers.0.key", append>},
                  %v: tensor<1x?xi1>, %t: tensor<1x7xi1>, %p: index)
    -> (tensor<1x64x8xf32>, tensor<1x7xi1>) {
  // CHECK: weft.append<append> %{{.*}} to %{{.*}} at %{{.*}} : tensor<?x?x8xf32> to tensor<1x64x8xf32> -> tensor<1x?x8xf32>
  %seen, %first, %next = weft.append<append> %k to %s at %p
    : tensor<?x?x8xf32> to tensor<1x64x8xf32> -> tensor<1x?x8xf32>
  // CHECK: weft.append<last> %{{.*}} : tensor<1x?xi1> to tensor<1x7xi1> -> tensor<1x?xi1>
  %0, %1, %2 = weft.append<last> %v to %t at %p
    : tensor<1x?xi1> to tensor<1x7xi1> -> tensor<1x?xi1>
  return %next, %2 : tensor<1x64x8xf32>, tensor<1x7xi1>
}
