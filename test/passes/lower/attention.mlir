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

// All that the op is open in: segments, numbers of queries and keys, three regions
// that become one, the mass of the keys, and padding as truth values.
func.func @open(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>,
                %valid: tensor<?x?xi1>, %starts: tensor<?x?xi64>,
                %rows: tensor<?x?x1xf32>, %columns: tensor<?x?x4xf32>,
                %gain: tensor<4xf32>)
    -> (tensor<?x?x4x8xf32>, tensor<?x4x?xf32>) {
  %0, %mass = weft.attention %q, %k, %k valid %valid segments %starts, %starts
    rows %rows columns %columns normaliser(#weft.softmax) mask(#weft.causal)
    score(%s, %b, %h, %i, %j, %r, %c) {
      %1 = arith.addf %s, %c : f32
      weft.yield %1 : f32
    } allowed(%b, %h, %i, %j, %d, %r, %c) {
      %1 = arith.cmpf olt, %c, %r : f32
      weft.yield %1 : i1
    } post(%w, %b, %h, %i, %j, %r, %c) {
      %g = tensor.extract %gain[%h] : tensor<4xf32>
      %1 = arith.mulf %w, %g : f32
      weft.yield %1 : f32
    } : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
      valid tensor<?x?xi1> segments tensor<?x?xi64>, tensor<?x?xi64>
      rows tensor<?x?x1xf32> columns tensor<?x?x4xf32>
      -> tensor<?x?x4x8xf32> mass tensor<?x4x?xf32>
  return %0, %mass : tensor<?x?x4x8xf32>, tensor<?x4x?xf32>
}

// One task has all queries of a head: it sums up the mass in their order.
// CHECK: affine_map<()[s0, s1, s2, s3, s4] -> (s0 * 4)>
// CHECK-LABEL: program.function @open
// CHECK-SAME: lowering = "attention", op = "weft.attention"
// CHECK: ^bb0(%[[Q:.*]]: memref<?x?x4x8xf32>, %[[K:.*]]: memref<?x?x2x8xf32>, %[[VALID:.*]]: memref<?x?xi1>, %[[STARTS:.*]]: memref<?x?xi64>, %{{.*}}: memref<?x?x1xf32>, %[[COLUMNS:.*]]: memref<?x?x4xf32>, %[[GAIN:.*]]: memref<4xf32>, %[[OUT:.*]]: memref<?x?x4x8xf32>, %[[MASS:.*]]: memref<?x4x?xf32>):
// CHECK: program.launch @attention_0 tasks(%{{.*}}) buffers(%[[Q]], %[[K]], %[[K]], %[[VALID]], %[[STARTS]], %[[STARTS]], %[[ROWS:.*]], %[[COLUMNS]], %[[GAIN]], %[[OUT]], %[[MASS]]) scalars({{.*}}) writes [9, 10]
// CHECK: program.kernel @attention_0 family "attention" config
// CHECK-SAME: allowed, d = 8
// CHECK-SAME: mass, normaliser = #weft.softmax, numbers, post, queries_per_task = 64
// CHECK-SAME: segments, valid
// CHECK: ^bb0(%[[S:.*]]: f32, %[[B:.*]]: index, %[[H:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[T:.*]]: index, %[[N:.*]]: index, %[[W:.*]]: f32, %[[R:.*]]: memref<?x?xf32>, %[[C:.*]]: memref<?x?x4xf32>, %[[G:.*]]: memref<4xf32>):
// CHECK: %[[ROW:.*]] = memref.load %[[R]][%[[B]], %[[T]]]
// CHECK: %[[COLUMN:.*]] = memref.load %[[C]][%[[B]], %[[N]], %[[H]]]
// CHECK: %[[SCORE:.*]] = arith.addf %[[S]], %[[COLUMN]]
// CHECK: %[[ALLOWED:.*]] = arith.cmpf olt, %[[COLUMN]], %[[ROW]]
// CHECK: %[[FACTOR:.*]] = memref.load %[[G]][%[[H]]]
// CHECK: %[[POSTED:.*]] = arith.mulf %[[W]], %[[FACTOR]]
// CHECK: program.yield %[[SCORE]], %[[ALLOWED]], %[[POSTED]] : f32, i1, f32

// -----

// One query whose weights are changed is no decoding: a slice does not know its row.
func.func @one_posted(%q: tensor<1x1x4x8xf32>, %k: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x1x4x8xf32> {
  %0 = weft.attention %q, %k, %k normaliser(#weft.softmax) post(%w, %b, %h, %i, %j) {
      %1 = arith.mulf %w, %w : f32
      weft.yield %1 : f32
    } : tensor<1x1x4x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x1x4x8xf32>
  return %0 : tensor<1x1x4x8xf32>
}

// CHECK-LABEL: program.function @one_posted
// CHECK-SAME: declined = ["attention_decode: weights are finished one by one"], lowering = "attention"

// -----

// An index from outside is a scalar of the launch.
func.func @outside(%q: tensor<1x?x4x8xf32>) -> tensor<1x?x4x8xf32> {
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
// CHECK: %[[T:.*]] = program.symbol 0
// CHECK: program.launch @attention_0 tasks(%{{.*}}) buffers({{.*}}) scalars(%c1, %[[T]], %[[T]], %c0, %c0, %[[T]])
// CHECK: program.kernel @attention_0 family "attention"
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %[[J:.*]]: index, %[[N:.*]]: index):
// CHECK: arith.subi %[[N]], %[[J]]

// -----

// Keys at a stride: a task has the queries that see the same ones.
func.func @strided(%q: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.every<8>>)
    : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
    -> tensor<?x?x4x8xf32>
  return %0 : tensor<?x?x4x8xf32>
}

// CHECK: affine_map<()[s0, s1, s2, s3, s4] -> ((s0 * (((s1 ceildiv 8) ceildiv 64) * 8)) * 4)>
// CHECK-LABEL: program.function @strided
// CHECK: program.kernel @attention_0 family "attention"
// CHECK-SAME: mask = #weft.and<#weft.causal, #weft.every<8>>
// CHECK-SAME: stride = 8 : i64

// -----

// Near keys and keys at a stride are two launches, which no pair is in both of.
func.func @near_and_far(%q: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.or<#weft.window<8>, #weft.every<8>>>)
    : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
    -> tensor<?x?x4x8xf32>
  return %0 : tensor<?x?x4x8xf32>
}

// CHECK: #map1 = affine_map<(d0, d1, d2) -> (d2 - 8)>
// CHECK-LABEL: program.function @near_and_far
// CHECK: program.launch @attention_0 {{.*}} buffers(%[[Q:.*]], %[[Q]], %[[Q]], %[[A:.*]], %[[AL:.*]]) scalars
// CHECK: program.launch @attention_1 {{.*}} buffers(%[[Q]], %[[Q]], %[[Q]], %[[B:.*]], %[[BL:.*]]) scalars
// CHECK: program.launch @merge_0 {{.*}} buffers(%[[A]], %[[B]], %[[AL]], %[[BL]], %{{.*}}, %{{.*}}) scalars
// CHECK: program.kernel @attention_0
// CHECK-SAME: lse, mask = #weft.and<#weft.causal, #weft.window<8>>
// CHECK-NOT: stride
// CHECK: program.kernel @attention_1
// CHECK-SAME: mask = #weft.and<#weft.causal, #weft.every<8>, #weft.where<#map1>>
// CHECK-SAME: stride = 8 : i64

// -----

// The columns that all queries see have no step; keys are listed by the kernel.
func.func @columns(%q: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.or<#weft.chunk<8>, #weft.where<affine_map<(i, j, d) -> (j mod 8 - 6)>>>>)
    : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
    -> tensor<?x?x4x8xf32>
  return %0 : tensor<?x?x4x8xf32>
}

// CHECK-LABEL: program.function @columns
// CHECK: program.launch @attention_0
// CHECK-NOT: program.launch
// CHECK-NOT: stride
