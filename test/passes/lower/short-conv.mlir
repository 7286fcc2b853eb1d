// RUN: weft-opt %s -weft-lower-to-program | FileCheck %s

weft.parameter @f : tensor<64x4xf32> in "m" at 0
weft.parameter @b : tensor<64xf32> in "m" at 1024

func.func @step(%x: tensor<1x1x64xf32>,
    %s: tensor<1x3x64xf32> {weft.state = #weft.state<"taps", fixed>},
    %at: index {weft.position})
    -> (tensor<1x1x64xf32>,
        tensor<1x3x64xf32> {weft.state = #weft.state<"taps", fixed>}) {
  %f = weft.use @f : tensor<64x4xf32>
  %b = weft.use @b : tensor<64xf32>
  %y, %taps = weft.short_conv %x, %f with %b from %s combine(%acc, %bias) {
    %0 = arith.addf %acc, %bias : f32
    weft.yield %0 : f32
  } : tensor<1x1x64xf32>, tensor<64x4xf32> with tensor<64xf32>
    -> tensor<1x1x64xf32>, tensor<1x3x64xf32>
  return %y, %taps : tensor<1x1x64xf32>, tensor<1x3x64xf32>
}

// CHECK-LABEL: program.function @step
// CHECK: ^bb0(%[[X:.*]]: memref<1x1x64xf32>, %[[Y:.*]]: memref<1x1x64xf32>):
// CHECK-DAG: %[[S:.*]] = program.use_state @taps : memref<1x3x64xf32>
// CHECK-DAG: %[[F:.*]] = program.use_parameter @f.packed : memref<64x4xf32>
// CHECK-DAG: %[[B:.*]] = program.use_parameter @b.packed : memref<64xf32>
// CHECK: program.launch @short_conv_0 tasks(%c1) buffers(%[[X]], %[[F]], %[[B]], %[[S]], %[[Y]], %[[S]]) scalars(%c1, %c1) writes [4, 5]
// CHECK-NEXT: program.return tokens %c1
// CHECK: program.kernel @short_conv_0 family "short_conv" config {c = 64 : i64, channels_per_task = 64 : i64, dilation = 1 : i64, w = 4 : i64}
// CHECK: element {
// CHECK: arith.addf
