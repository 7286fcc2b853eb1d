// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 -weft-narrow-caches=storage=int8 | FileCheck %s --check-prefixes=CHECK,INT8
// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 -weft-narrow-caches=storage=bf16 | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 -weft-narrow-caches | FileCheck %s --check-prefix=F32
// RUN: not weft-opt %s -weft-narrow-caches=storage=f8 2>&1 | FileCheck %s --check-prefix=ERROR

// Rotated keys are written as they are stored, values through store_rows; a code
// is a byte, and a row has four more for its scale.
func.func @piece(%q: tensor<1x?x4x8xf32> {weft.sequence = 1},
    %k: tensor<1x?x2x8xf32> {weft.sequence = 1},
    %v: tensor<1x?x2x8xf32> {weft.sequence = 1},
    %keys: tensor<1x64x2x8xf32> {weft.state = #weft.state<"key", append>},
    %values: tensor<1x64x2x8xf32> {weft.state = #weft.state<"value", append>},
    %at: index {weft.position})
    -> (tensor<1x?x4x8xf32>,
        tensor<1x64x2x8xf32> {weft.state = #weft.state<"key", append>},
        tensor<1x64x2x8xf32> {weft.state = #weft.state<"value", append>}) {
  %0 = weft.rope %k at %at pairing<half> frequencies [1.0, 0.5]
    : tensor<1x?x2x8xf32>
  %seenK, %firstK, %nextK = weft.append<append> %0 to %keys at %at
    : tensor<1x?x2x8xf32> to tensor<1x64x2x8xf32> -> tensor<1x?x2x8xf32>
  %seenV, %firstV, %nextV = weft.append<append> %v to %values at %at
    : tensor<1x?x2x8xf32> to tensor<1x64x2x8xf32> -> tensor<1x?x2x8xf32>
  %1 = weft.attention %q, %seenK, %seenV at %at keys_at %firstK
    normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<1x?x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x4x8xf32>
  return %1, %nextK, %nextV
    : tensor<1x?x4x8xf32>, tensor<1x64x2x8xf32>, tensor<1x64x2x8xf32>
}

// CHECK-LABEL: program.function @piece
// INT8-DAG: program.use_state @key : memref<64x2x12xi8>
// INT8-DAG: program.use_state @value : memref<64x2x12xi8>
// INT8: arith.divui
// INT8: %[[K:.*]] = program.view {{.*}} to memref<1x?x2x12xi8>
// INT8: program.launch @rope{{.*}} buffers(%{{.*}}, %{{.*}}, %[[K]])
// INT8: %[[V:.*]] = program.view {{.*}} to memref<1x?x2x12xi8>
// INT8-NOT: program.copy
// INT8: program.launch @store_rows tasks(%{{.*}}) buffers(%{{.*}}, %[[V]]) scalars(%{{.*}}, %{{.*}}) writes [1]
// INT8: program.launch @attention{{.*}} : memref<1x?x4x8xf32>, memref<1x?x2x12xi8>, memref<1x?x2x12xi8>, memref<1x?x4x8xf32>
// INT8: program.state @key<append> : memref<64x2x12xi8>
// INT8: program.kernel @rope{{.*}} operands [memref<1x?x2x8xf32>, memref<?x2x2xf32>, memref<1x?x2x12xi8>]
// BF16: program.launch @store_rows
// BF16: program.state @key<append> : memref<64x2x8xbf16>
// F32-NOT: store_rows
// F32: program.state @key<append> : memref<64x2x8xf32>
// ERROR: expected caches of f32, f16, bf16 or int8 but got 'f8'
