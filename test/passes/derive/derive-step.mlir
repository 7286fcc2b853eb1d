// RUN: weft-opt %s -split-input-file -weft-derive-step=capacity=64 -canonicalize -cse -mlir-print-local-scope | FileCheck %s

// One layer, a batch that is dynamic in the whole and 1 in a piece. The pieces of
// @forward have short names, and a head that is computed for every token here:
// see keep-last-token.
func.func @forward(%ids: tensor<?x?xi64> {weft.name = "input_ids", weft.sequence = 1},
                   %table: tensor<16x8xf32>, %head: tensor<4x8xf32>)
    -> (tensor<?x?x4xf32> {weft.name = "logits"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %ids, %c0 : tensor<?x?xi64>
  %n = tensor.dim %ids, %c1 : tensor<?x?xi64>
  %x = weft.embed %ids, %table : tensor<?x?xi64>, tensor<16x8xf32> -> tensor<?x?x8xf32>
  %h = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%b, %n, 2, 4]
    : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %k = weft.rope %h pairing <half> frequencies [1.0, 0.1] : tensor<?x?x2x4xf32>
  %a = weft.attention %k, %k, %h normaliser(#weft.softmax) mask(#weft.causal)
    {weft.name = "layers.0"}
    : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
    -> tensor<?x?x2x4xf32>
  %y = tensor.collapse_shape %a [[0], [1], [2, 3]]
    : tensor<?x?x2x4xf32> into tensor<?x?x8xf32>
  %z = arith.addf %x, %y : tensor<?x?x8xf32>
  %logits = weft.linear %z, %head
    : tensor<?x?x8xf32>, tensor<4x8xf32> -> tensor<?x?x4xf32>
  return %logits : tensor<?x?x4xf32>
}

// CHECK-LABEL: func.func @forward(

// CHECK-LABEL: func.func @prefill(
// CHECK-SAME: %[[IDS:.*]]: tensor<1x?xi64> {weft.name = "input_ids", weft.sequence = 1 : i64}, %[[TABLE:.*]]: tensor<16x8xf32>, %[[HEAD:.*]]: tensor<4x8xf32>,
// CHECK-SAME: %[[KEY:[^:]*]]: tensor<1x64x2x4xf32> {weft.state = #weft.state<"layers.0.key", append>},
// CHECK-SAME: %[[VALUE:[^:]*]]: tensor<1x64x2x4xf32> {weft.state = #weft.state<"layers.0.value", append>},
// CHECK-SAME: %[[POSITION:[^:]*]]: index {weft.position})
// CHECK-SAME: -> (tensor<1x4xf32> {weft.name = "logits"}, tensor<1x64x2x4xf32> {weft.state = #weft.state<"layers.0.key", append>}, tensor<1x64x2x4xf32> {weft.state = #weft.state<"layers.0.value", append>})
// CHECK: %[[N:.*]] = tensor.dim %[[IDS]]
// CHECK: %[[LAST:.*]] = arith.subi %[[N]], %c1
// CHECK: weft.embed %[[IDS]], %[[TABLE]] : tensor<1x?xi64>, tensor<16x8xf32> -> tensor<1x?x8xf32>
// CHECK: weft.rope %{{.*}} at %[[POSITION]] {{.*}} : tensor<1x?x2x4xf32>
// CHECK: %[[KEYS:.*]], %{{.*}}, %[[NEXT_KEY:.*]] = weft.append<append> %{{.*}} to %[[KEY]] at %[[POSITION]]
// CHECK: %[[VALUES:.*]], %{{.*}}, %[[NEXT_VALUE:.*]] = weft.append<append> %{{.*}} to %[[VALUE]] at %[[POSITION]]
// CHECK: weft.attention %{{.*}}, %[[KEYS]], %[[VALUES]] at %[[POSITION]] normaliser
// CHECK: arith.addf {{.*}} : tensor<1x?x8xf32>
// CHECK: %[[ALL:.*]] = weft.linear
// CHECK: %[[LOGITS:.*]] = tensor.extract_slice %[[ALL]][0, %[[LAST]], 0] [1, 1, 4] [1, 1, 1] : tensor<1x?x4xf32> to tensor<1x4xf32>
// CHECK: return %[[LOGITS]], %[[NEXT_KEY]], %[[NEXT_VALUE]]

// CHECK-LABEL: func.func @step(
// CHECK-SAME: %[[IDS:.*]]: tensor<1x1xi64> {weft.name = "input_ids", weft.sequence = 1 : i64},
// CHECK-SAME: index {weft.position}) -> (tensor<1x4xf32> {weft.name = "logits"},
// CHECK-NOT: tensor.cast
// CHECK: arith.addf {{.*}} : tensor<1x1x8xf32>
// CHECK: weft.linear {{.*}} : tensor<1x1x8xf32>, tensor<4x8xf32> -> tensor<1x1x4xf32>

// -----

// A mask that bounds how far queries look back bounds what is kept; where it is
// wider than a stream, the stream bounds it. A window of 1 keeps nothing. Names
// come from locations, or are numbers.
func.func @windows(%x: tensor<?x?x2x8xf32> {weft.sequence = 1})
    -> tensor<?x?x2x8xf32> attributes {weft.stream} {
  %0 = weft.attention %x, %x, %x normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<8>>)
    : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
    -> tensor<?x?x2x8xf32> loc("blocks.3")
  %1 = weft.attention %0, %0, %0 normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<80>>)
    : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
    -> tensor<?x?x2x8xf32>
  %2 = weft.attention %1, %1, %1 normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<1>>)
    : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>
    -> tensor<?x?x2x8xf32>
  return %2 : tensor<?x?x2x8xf32>
}

// CHECK-LABEL: func.func @windows_step(
// CHECK-SAME: %[[KEY:[^:]*]]: tensor<1x7x2x8xf32> {weft.state = #weft.state<"blocks.3.key", last>}
// CHECK-SAME: tensor<1x7x2x8xf32> {weft.state = #weft.state<"blocks.3.value", last>}
// CHECK-SAME: tensor<1x64x2x8xf32> {weft.state = #weft.state<"attention.1.key", append>}
// CHECK-SAME: tensor<1x64x2x8xf32> {weft.state = #weft.state<"attention.1.value", append>}
// CHECK-SAME: %[[POSITION:[^:]*]]: index {weft.position})
// CHECK: %[[KEYS:.*]], %{{.*}}, %{{.*}} = weft.append<last> %{{.*}} to %[[KEY]] at %[[POSITION]]
// CHECK: %[[VALUES:.*]], %[[FIRST:.*]], %{{.*}} = weft.append<last>
// CHECK: weft.attention %{{.*}}, %[[KEYS]], %[[VALUES]] at %[[POSITION]] keys_at %[[FIRST]]
// CHECK: weft.append<append>
// CHECK: weft.attention %{{.*}} at %[[POSITION]] normaliser
// CHECK: weft.attention %[[X:.*]], %[[X]], %[[X]] at %[[POSITION]] keys_at %[[POSITION]] normaliser

// -----

// What else is kept, and upstream ops between: shapes, fresh tensors of the size
// of the piece, structured and element-wise work.
#rows = affine_map<(b, l, c) -> (b, l, c)>
#column = affine_map<(b, l, c) -> (c)>
func.func @mixed(%x: tensor<?x?x8xf32> {weft.sequence = 1}, %f: tensor<8x4xf32>,
                 %bias: tensor<8xf32>, %a: tensor<1x8x8xf32>)
    -> tensor<?x?x16xf32> attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %twos = tensor.splat %two[%b, %n] : tensor<?x?x8xf32>
  %empty = tensor.empty(%b, %n) : tensor<?x?x8xf32>
  %zeros = linalg.fill ins(%two : f32) outs(%empty : tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %0 = linalg.generic {indexing_maps = [#rows, #column, #rows],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %bias : tensor<?x?x8xf32>, tensor<8xf32>) outs(%zeros : tensor<?x?x8xf32>) {
  ^bb0(%i: f32, %j: f32, %o: f32):
    %s = arith.addf %i, %j : f32
    linalg.yield %s : f32
  } -> tensor<?x?x8xf32>
  %1, %taps = weft.short_conv %0, %f
    : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  %2 = arith.mulf %1, %twos : tensor<?x?x8xf32>
  %h = tensor.expand_shape %2 [[0], [1], [2, 3]] output_shape [%b, %n, 1, 8]
    : tensor<?x?x8xf32> into tensor<?x?x1x8xf32>
  %3, %s = weft.scan %h, %h, %h transition(#weft.selective gates %h, %a)
    : tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>,
      tensor<?x?x1x8xf32>, tensor<1x8x8xf32>
    -> tensor<?x?x1x8xf32>, tensor<?x1x8x8xf32>
  %4 = tensor.collapse_shape %3 [[0], [1], [2, 3]] : tensor<?x?x1x8xf32> into tensor<?x?x8xf32>
  %5 = tensor.extract_slice %4[0, 0, 4] [%b, %n, 4] [1, 1, 1]
    : tensor<?x?x8xf32> to tensor<?x?x4xf32>
  %6 = tensor.concat dim(2) %5, %4, %5
    : (tensor<?x?x4xf32>, tensor<?x?x8xf32>, tensor<?x?x4xf32>) -> tensor<?x?x16xf32>
  return %6 : tensor<?x?x16xf32>
}

// CHECK-LABEL: func.func @mixed_step(
// CHECK-SAME: %[[TAPS:[^:]*]]: tensor<1x3x8xf32> {weft.state = #weft.state<"short_conv.0.taps", fixed>}
// CHECK-SAME: %[[STATE:[^:]*]]: tensor<1x1x8x8xf32> {weft.state = #weft.state<"scan.0.scan", fixed>}
// CHECK-SAME: -> (tensor<1x16xf32>, tensor<1x3x8xf32> {{.*}}, tensor<1x1x8x8xf32>
// CHECK-NOT: tensor.cast
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x1x8xf32>, tensor<8xf32>)
// CHECK: %[[CONV:.*]]:2 = weft.short_conv {{.*}} from %[[TAPS]]
// CHECK: arith.mulf {{.*}} : tensor<1x1x8xf32>
// CHECK: %[[SCAN:.*]]:2 = weft.scan {{.*}} from %[[STATE]]
// CHECK: tensor.concat
// CHECK: return %{{.*}}, %[[CONV]]#1, %[[SCAN]]#1

// -----

// A column of each token: that the batch of a piece is one does not change which
// axis the slice drops.
func.func @column(%x: tensor<?x?x8xf32> {weft.sequence = 1}) -> tensor<?x?x1xf32>
    attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %0 = tensor.extract_slice %x[0, 0, 3] [%b, %n, 1] [1, 1, 1]
    : tensor<?x?x8xf32> to tensor<?x?xf32>
  %1 = math.exp %0 : tensor<?x?xf32>
  %2 = tensor.expand_shape %1 [[0], [1, 2]] output_shape [%b, %n, 1]
    : tensor<?x?xf32> into tensor<?x?x1xf32>
  return %2 : tensor<?x?x1xf32>
}

// CHECK-LABEL: func.func @column_prefill(
// CHECK: math.exp %{{.*}} : tensor<1x{{1|\?}}xf32>
// CHECK-LABEL: func.func @column_step(
// CHECK: math.exp %{{.*}} : tensor<1x1xf32>

// -----

// Shares of a token's channels do not look along the sequence.
func.func @shares(%x: tensor<?x?x8xf32> {weft.sequence = 1}) -> tensor<?x?x8xf32>
    attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %e = tensor.empty(%b, %n) : tensor<?x?x8xf32>
  %0 = linalg.softmax dimension(2) ins(%x : tensor<?x?x8xf32>) outs(%e : tensor<?x?x8xf32>)
    -> tensor<?x?x8xf32>
  return %0 : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @shares_step(
// CHECK: linalg.softmax dimension(2) ins(%{{.*}} : tensor<1x1x8xf32>)

// -----

// Ops of one name share it while what they keep has different names.
func.func @names(%x: tensor<?x?x8xf32> {weft.sequence = 1}, %f: tensor<8x4xf32>)
    -> tensor<?x?x8xf32> attributes {weft.stream} {
  %0, %t0 = weft.short_conv %x, %f {weft.name = "layers.0"}
    : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  %1, %t1 = weft.short_conv %0, %f {weft.name = "layers.0"}
    : tensor<?x?x8xf32>, tensor<8x4xf32> -> tensor<?x?x8xf32>, tensor<?x3x8xf32>
  %n = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %l = tensor.dim %x, %n : tensor<?x?x8xf32>
  %h = tensor.expand_shape %1 [[0], [1], [2, 3]] output_shape [%b, %l, 2, 4]
    : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %2, %s = weft.scan %h, %h, %h transition(#weft.decay<vector> gates %h)
    {weft.name = "layers.0"}
    : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
    -> tensor<?x?x2x4xf32>, tensor<?x2x4x4xf32>
  %3 = tensor.collapse_shape %2 [[0], [1], [2, 3]] : tensor<?x?x2x4xf32> into tensor<?x?x8xf32>
  return %3 : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @names_step(
// CHECK-SAME: #weft.state<"layers.0.taps", fixed>
// CHECK-SAME: #weft.state<"layers.0.1.taps", fixed>
// CHECK-SAME: #weft.state<"layers.0.scan", fixed>

// -----

// Linear attention keeps its state and the sum of its weights.
func.func @normalised(%x: tensor<?x?x2x4xf32> {weft.sequence = 1})
    -> tensor<?x?x2x4xf32> attributes {weft.stream} {
  %y, %s, %z = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.exp_features)
    : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
    -> tensor<?x?x2x4xf32>, tensor<?x2x8x4xf32>, tensor<?x2x8xf32>
  return %y : tensor<?x?x2x4xf32>
}

// CHECK-LABEL: func.func @normalised_step(
// CHECK-SAME: %[[S:[^:]*]]: tensor<1x2x8x4xf32> {weft.state = #weft.state<"scan.0.scan", fixed>}
// CHECK-SAME: %[[Z:[^:]*]]: tensor<1x2x8xf32> {weft.state = #weft.state<"scan.0.sum", fixed>}
// CHECK: %[[SCAN:.*]]:3 = weft.scan {{.*}} from %[[S]] sum_from %[[Z]]
// CHECK: return %{{.*}}, %[[SCAN]]#1, %[[SCAN]]#2
