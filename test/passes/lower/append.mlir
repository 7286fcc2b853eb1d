// RUN: weft-opt %s -weft-lower-to-program=max-tokens=16 -split-input-file | FileCheck %s

// Keys are rotated straight into the rows of the state that the call takes.
func.func @piece(%k: tensor<1x?x2x8xf32> {weft.name = "k", weft.sequence = 1},
    %state: tensor<1x64x2x8xf32> {weft.state = #weft.state<"layers.0.key", append>},
    %at: index {weft.position})
    -> (tensor<1x?x2x8xf32> {weft.name = "y"},
        tensor<1x64x2x8xf32> {weft.state = #weft.state<"layers.0.key", append>}) {
  %0 = weft.rope %k at %at pairing<half> frequencies [1.0, 0.5]
    : tensor<1x?x2x8xf32>
  %seen, %first, %next = weft.append<append> %0 to %state at %at
    : tensor<1x?x2x8xf32> to tensor<1x64x2x8xf32> -> tensor<1x?x2x8xf32>
  %1 = weft.attention %0, %seen, %seen at %at keys_at %first
    normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %1, %next : tensor<1x?x2x8xf32>, tensor<1x64x2x8xf32>
}

// CHECK-LABEL: program.function @piece inputs ["k"] outputs ["y"] dims {{\[\[}}1, -1, 2, 8], [1, -1, 2, 8{{\]\]}} symbols ["tokens"] maxima [16]
// CHECK: ^bb0(%[[K:.*]]: memref<1x?x2x8xf32>, %[[Y:.*]]: memref<1x?x2x8xf32>):
// CHECK-DAG: %[[STATE:.*]] = program.use_state @layers.0.key : memref<64x2x8xf32>
// CHECK-DAG: %[[HELD:.*]] = program.state_length @layers.0.key
// CHECK-DAG: %[[BEGIN:.*]] = program.state_offset @layers.0.key
// CHECK-DAG: %[[AT:.*]] = program.position
// CHECK-DAG: %[[T:.*]] = program.symbol 0
// CHECK: program.launch @rope_table_0 tasks(%[[T]]) buffers({{.*}}) scalars(%[[T]], %[[AT]])
// CHECK: %[[ROW:.*]] = arith.addi %[[BEGIN]], %[[HELD]]
// CHECK: %[[PLACE:.*]] = arith.muli %[[ROW]], %c16
// CHECK: %[[ROWS:.*]] = program.view %[[STATE]] at %[[PLACE]] sizes(%[[T]]) strides() : memref<64x2x8xf32> to memref<1x?x2x8xf32>
// CHECK: program.launch @rope_0 tasks(%{{.*}}) buffers(%[[K]], %{{.*}}, %[[ROWS]])
// CHECK-NOT: copy
// CHECK: %[[FIRST:.*]] = arith.muli %[[BEGIN]], %c16
// CHECK: %[[COUNT:.*]] = arith.addi %[[HELD]], %[[T]]
// CHECK: %[[SEEN:.*]] = program.view %[[STATE]] at %[[FIRST]] sizes(%[[COUNT]]) strides() : memref<64x2x8xf32> to memref<1x?x2x8xf32>
// CHECK: program.launch @attention_0 tasks(%{{.*}}) buffers(%[[ROWS]], %[[SEEN]], %[[SEEN]], %[[Y]]) scalars(%c1, %[[T]], %[[COUNT]], %[[AT]], %c0)
// CHECK: program.return tokens %[[T]]
// CHECK: program.state @layers.0.key<append> : memref<64x2x8xf32>

// -----

// The last rows: room for the window twice and for a longest piece; positions of the
// keys follow from how many are held.
func.func @step(%k: tensor<1x1x2x8xf32>,
    %state: tensor<1x7x2x8xf32> {weft.state = #weft.state<"key", last>},
    %at: index {weft.position})
    -> (tensor<1x1x2x8xf32>,
        tensor<1x7x2x8xf32> {weft.state = #weft.state<"key", last>}) {
  %seen, %first, %next = weft.append<last> %k to %state at %at
    : tensor<1x1x2x8xf32> to tensor<1x7x2x8xf32> -> tensor<1x?x2x8xf32>
  %1 = weft.attention %k, %seen, %seen at %at keys_at %first
    normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<8>>)
    : tensor<1x1x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x1x2x8xf32>
  return %1, %next : tensor<1x1x2x8xf32>, tensor<1x7x2x8xf32>
}

// CHECK-LABEL: program.function @step
// CHECK: ^bb0(%[[K:.*]]: memref<1x1x2x8xf32>, %{{.*}}: memref<1x1x2x8xf32>):
// CHECK-DAG: %[[HELD:.*]] = program.state_length @key
// CHECK-DAG: %[[AT:.*]] = program.position
// CHECK: program.copy %[[K]] to %{{.*}} : memref<1x1x2x8xf32> to memref<1x1x2x8xf32>
// CHECK: %[[FIRST:.*]] = arith.subi %[[AT]], %[[HELD]]
// CHECK: program.launch @attention_decode_0 tasks({{.*}}) buffers({{.*}}) scalars(%c1, %c1, %{{.*}}, %[[AT]], %[[FIRST]])
// CHECK: program.return tokens %c1
// CHECK: program.state @key<last> window 7 : memref<30x2x8xf32>
