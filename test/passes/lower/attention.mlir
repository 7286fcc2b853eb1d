// RUN: weft-opt %s -weft-lower-to-program=explain=true -split-input-file | FileCheck %s

// Many queries: one kernel, its score region with the tensor that it loads from.
weft.parameter @slopes : tensor<4xf32> in "m" at 0
func.func @alibi(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>)
    -> tensor<?x?x4x8xf32> {
  %slopes = weft.use @slopes : tensor<4xf32>
  %0 = weft.attention %q, %k, %k normaliser(#weft.softmax) mask(#weft.causal)
    score(%s, %b, %h, %i, %j) {
      %slope = tensor.extract %slopes[%h] : tensor<4xf32>
      %1 = arith.addf %s, %slope : f32
      weft.yield %1 : f32
    } : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
      -> tensor<?x?x4x8xf32>
  return %0 : tensor<?x?x4x8xf32>
}

// CHECK: affine_map<()[s0, s1, s2, s3, s4] -> ((s0 * (s1 ceildiv 64)) * 4)>
// CHECK-LABEL: program.function @alibi
// CHECK-SAME: declined = ["attention_decode: there is more than one query"], lowering = "attention", op = "weft.attention"
// CHECK: ^bb0(%[[Q:.*]]: memref<?x?x4x8xf32>, %[[K:.*]]: memref<?x?x2x8xf32>, %[[OUT:.*]]: memref<?x?x4x8xf32>):
// CHECK: %[[SLOPES:.*]] = program.use_parameter @slopes.packed : memref<4xf32>
// CHECK: program.launch @attention_0 tasks(%{{.*}}) buffers(%[[Q]], %[[K]], %[[K]], %[[SLOPES]], %[[OUT]]) scalars(%[[B:.*]], %[[T:.*]], %[[T]], %c0, %c0) writes [4]
// CHECK: program.kernel @attention_0 family "attention" config
// CHECK-SAME: d = 8 : i64, e = 8 : i64, g = 2 : i64, h = 4 : i64, mask = #weft.causal, normaliser = #weft.softmax, queries_per_task = 64 : i64, scale =
// CHECK: ^bb0(%[[S:.*]]: f32, %{{.*}}: index, %[[H:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[BUFFER:.*]]: memref<4xf32>):
// CHECK: %[[SLOPE:.*]] = memref.load %[[BUFFER]][%[[H]]]
// CHECK: arith.addf %[[S]], %[[SLOPE]]

// -----

// One query: slices of keys, then a merge.
func.func @one_query(%q: tensor<1x1x4x8xf32>, %k: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x1x4x8xf32> {
  %0 = weft.attention %q, %k, %k normaliser(#weft.softmax)
    : tensor<1x1x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x1x4x8xf32>
  return %0 : tensor<1x1x4x8xf32>
}

// CHECK-LABEL: program.function @one_query
// CHECK: ^bb0(%[[Q:.*]]: memref<1x1x4x8xf32>, %[[K:.*]]: memref<1x?x2x8xf32>, %[[OUT:.*]]: memref<1x1x4x8xf32>):
// CHECK: %[[SLICES:.*]] = arith.ceildivsi %[[KEYS:.*]], %c256
// CHECK: %[[PARTIAL:.*]] = program.alloc(%[[SLICES]]) : memref<1x1x4x?x10xf32>
// CHECK: program.launch @attention_decode_0 tasks(%{{.*}}) buffers(%[[Q]], %[[K]], %[[K]], %[[PARTIAL]]) scalars(%c1, %c1, %[[KEYS]], %c0, %c0) writes [3]
// CHECK: program.launch @attention_merge_0 tasks(%c4) buffers(%[[PARTIAL]], %[[OUT]]) scalars(%c1, %c1, %[[SLICES]]) writes [1]

// -----

// What no kernel takes is decomposed, and says why.
func.func @outside(%q: tensor<1x?x4x8xf32>, %at: tensor<1xf32>)
    -> tensor<1x?x4x8xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c1 : tensor<1x?x4x8xf32>
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    score(%s, %b, %h, %i, %j) {
      %d = arith.subi %n, %j : index
      %1 = arith.index_cast %d : index to i32
      %2 = arith.sitofp %1 : i32 to f32
      %3 = arith.addf %s, %2 : f32
      weft.yield %3 : f32
    } : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>
      -> tensor<1x?x4x8xf32>
  return %0 : tensor<1x?x4x8xf32>
}

// CHECK-LABEL: program.function @outside
// CHECK-SAME: "attention: the score region uses a value from outside that is not a tensor"
// CHECK-SAME: lowering = "decomposed", op = "weft.attention"
// CHECK-NOT: family "attention"
// CHECK: program.kernel @generic_0 family "generic"
