// RUN: weft-opt %s | weft-opt | FileCheck %s
// RUN: weft-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK: weft.parameter @blocks : tensor<4x64x!weft.blocks<#weft.q4_1>> in "model.gguf" at 1714432
weft.parameter @blocks : tensor<4x64x!weft.blocks<#weft.q4_1>> in "model.gguf" at 1714432
weft.parameter @half : tensor<4x64xf16> in "model.safetensors" at 64
weft.parameter @single : tensor<4x64xf32> in "model.safetensors" at 576

// CHECK-LABEL: func.func @use
func.func @use() -> (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>) {
  // CHECK: weft.use @blocks : tensor<4x64x!weft.blocks<#weft.q4_1>>
  %0 = weft.use @blocks : tensor<4x64x!weft.blocks<#weft.q4_1>>
  // CHECK: weft.dequantize %{{.*}} : tensor<4x64x!weft.blocks<#weft.q4_1>> -> tensor<4x64xf32>
  %1 = weft.dequantize %0 : tensor<4x64x!weft.blocks<#weft.q4_1>> -> tensor<4x64xf32>
  %2 = weft.use @half : tensor<4x64xf16>
  %3 = weft.dequantize %2 : tensor<4x64xf16> -> tensor<4x64xf32>
  // FOLD: %[[SINGLE:.*]] = weft.use @single
  // FOLD-NOT: weft.dequantize
  // FOLD: return %{{.*}}, %{{.*}}, %[[SINGLE]]
  %4 = weft.use @single : tensor<4x64xf32>
  %5 = weft.dequantize %4 : tensor<4x64xf32> -> tensor<4x64xf32>
  return %1, %3, %5 : tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>
}
