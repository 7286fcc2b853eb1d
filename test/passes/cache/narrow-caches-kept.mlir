// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 -weft-narrow-caches=storage=f16 2>&1 | FileCheck %s

// Keys that the query reads too stay as they are.
// CHECK: warning: state 'key' keeps its type: operand 0 of a kernel of family attention reads it
// CHECK: program.state @key<append> : memref<64x2x8xf32>
func.func @piece(%k: tensor<1x?x2x8xf32> {weft.sequence = 1},
    %state: tensor<1x64x2x8xf32> {weft.state = #weft.state<"key", append>},
    %at: index {weft.position})
    -> (tensor<1x?x2x8xf32>,
        tensor<1x64x2x8xf32> {weft.state = #weft.state<"key", append>}) {
  %0 = weft.rope %k at %at pairing<half> frequencies [1.0, 0.5]
    : tensor<1x?x2x8xf32>
  %seen, %first, %next = weft.append<append> %0 to %state at %at
    : tensor<1x?x2x8xf32> to tensor<1x64x2x8xf32> -> tensor<1x?x2x8xf32>
  %1 = weft.attention %0, %seen, %k at %at keys_at %first
    normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %1, %next : tensor<1x?x2x8xf32>, tensor<1x64x2x8xf32>
}
