// RUN: weft-opt %s -split-input-file -weft-lower-to-program=explain=true | FileCheck %s

// A filter of its own for each channel.
weft.parameter @f : tensor<100x48xf32> in "m" at 0
func.func @own(%x: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
  %f = weft.use @f : tensor<100x48xf32>
  %y = weft.long_conv %x, %f : tensor<?x?x48xf32>, tensor<100x48xf32> -> tensor<?x?x48xf32>
  return %y : tensor<?x?x48xf32>
}

// 4096 tokens and 100 before them take a transform of 8192.
// CHECK-LABEL: program.function @own
// CHECK-SAME: lowering = "long_conv", op = "weft.long_conv"
// CHECK: program.launch @long_conv_0 tasks(%c1) buffers(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) scalars(%{{.*}}, %{{.*}}, %c100, %c0) writes [3]
// CHECK: program.kernel @long_conv_0 family "long_conv" config {c = 48 : i64, channels_per_task = 48 : i64, g = 48 : i64, rows = 8192 : i64}
// CHECK-SAME: operands [memref<?x?x48xf32>, memref<100x48xf32>, memref<4096x6xf32>, memref<?x?x48xf32>] scalars 4

// -----

// One of a head, in both directions.
func.func @shared(%x: tensor<2x50x640xf32>, %f: tensor<99x2xf32>) -> tensor<2x50x640xf32> {
  %y = weft.long_conv %x, %f bidirectional : tensor<2x50x640xf32>, tensor<99x2xf32> -> tensor<2x50x640xf32>
  return %y : tensor<2x50x640xf32>
}

// CHECK-LABEL: program.function @shared
// CHECK: program.launch @long_conv_0 tasks(%c4)
// CHECK: family "long_conv" config {bidirectional, by_group, c = 640 : i64, channels_per_task = 256 : i64, g = 2 : i64, rows = 128 : i64}

// -----

// A piece keeps the tokens that the filter reaches back to.
// RUN: weft-opt %s -split-input-file -weft-derive-step=capacity=64 -weft-lower-to-program | FileCheck %s --check-prefix=PIECE
func.func @forward(%x: tensor<?x?x48xf32> {weft.sequence = 1}, %f: tensor<10x48xf32>, %g: tensor<100x48xf32>)
    -> (tensor<?x?x48xf32>, tensor<?x?x48xf32>) attributes {weft.stream} {
  %y = weft.long_conv %x, %f : tensor<?x?x48xf32>, tensor<10x48xf32> -> tensor<?x?x48xf32>
  %z = weft.long_conv %x, %g : tensor<?x?x48xf32>, tensor<100x48xf32> -> tensor<?x?x48xf32>
  return %y, %z : tensor<?x?x48xf32>, tensor<?x?x48xf32>
}

// PIECE-LABEL: program.function @step
// PIECE: program.launch @{{long_conv_[0-9]}} {{.*}} scalars(%c1, %{{.*}}, %c10, %{{.*}})
// PIECE: program.launch @{{long_conv_[0-9]}} {{.*}} scalars(%c1, %{{.*}}, %c100, %{{.*}})
// PIECE-DAG: program.state @long_conv.0.input<last> window 9 : memref<
// PIECE-DAG: program.state @long_conv.1.input<append> : memref<64x48xf32>
