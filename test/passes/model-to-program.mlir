// RUN: weft-opt %s -pass-pipeline='builtin.module(weft-derive-step{capacity=1024},func.func(weft-keep-last-token),weft-model-to-program{max-tokens=128})' | FileCheck %s

// A layer of a Llama from text to launches: for one token five a layer, and those
// of the embedding, the head and the table of rotations.

#id = affine_map<(b, t, c) -> (b, t, c)>

weft.parameter @embed : tensor<128x64xf32> in "m" at 0
weft.parameter @n1 : tensor<64xf32> in "m" at 100000
weft.parameter @q : tensor<64x64xf32> in "m" at 200000
weft.parameter @k : tensor<32x64xf32> in "m" at 300000
weft.parameter @v : tensor<32x64xf32> in "m" at 400000
weft.parameter @o : tensor<64x64xf32> in "m" at 500000
weft.parameter @n2 : tensor<64xf32> in "m" at 600000
weft.parameter @gate : tensor<96x64xf32> in "m" at 700000
weft.parameter @up : tensor<96x64xf32> in "m" at 800000
weft.parameter @down : tensor<64x96xf32> in "m" at 900000

func.func @forward(%ids: tensor<?x?xi64> {weft.name = "input_ids", weft.sequence = 1})
    -> (tensor<?x?x128xf32> {weft.name = "logits"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %ids, %c0 : tensor<?x?xi64>
  %t = tensor.dim %ids, %c1 : tensor<?x?xi64>
  %embed = weft.use @embed : tensor<128x64xf32>
  %x = weft.embed %ids, %embed : tensor<?x?xi64>, tensor<128x64xf32> -> tensor<?x?x64xf32>
  %n1 = weft.use @n1 : tensor<64xf32>
  %h = weft.norm<rms> %x scale %n1 epsilon 1.0e-05 : tensor<?x?x64xf32> scale tensor<64xf32>
  %wq = weft.use @q : tensor<64x64xf32>
  %wk = weft.use @k : tensor<32x64xf32>
  %wv = weft.use @v : tensor<32x64xf32>
  %q = weft.linear %h, %wq : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  %k = weft.linear %h, %wk : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
  %v = weft.linear %h, %wv : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
  %qh = tensor.expand_shape %q [[0], [1], [2, 3]] output_shape [%b, %t, 4, 16] : tensor<?x?x64xf32> into tensor<?x?x4x16xf32>
  %kh = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [%b, %t, 2, 16] : tensor<?x?x32xf32> into tensor<?x?x2x16xf32>
  %vh = tensor.expand_shape %v [[0], [1], [2, 3]] output_shape [%b, %t, 2, 16] : tensor<?x?x32xf32> into tensor<?x?x2x16xf32>
  %qr = weft.rope %qh pairing<half> frequencies [1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.025, 0.01] : tensor<?x?x4x16xf32>
  %kr = weft.rope %kh pairing<half> frequencies [1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.025, 0.01] : tensor<?x?x2x16xf32>
  %a = weft.attention %qr, %kr, %vh normaliser(#weft.softmax) mask(#weft.causal) {weft.name = "layers.0"}
    : tensor<?x?x4x16xf32>, tensor<?x?x2x16xf32>, tensor<?x?x2x16xf32> -> tensor<?x?x4x16xf32>
  %af = tensor.collapse_shape %a [[0], [1], [2, 3]] : tensor<?x?x4x16xf32> into tensor<?x?x64xf32>
  %wo = weft.use @o : tensor<64x64xf32>
  %o = weft.linear %af, %wo : tensor<?x?x64xf32>, tensor<64x64xf32> -> tensor<?x?x64xf32>
  %x1 = arith.addf %o, %x : tensor<?x?x64xf32>
  %n2 = weft.use @n2 : tensor<64xf32>
  %h2 = weft.norm<rms> %x1 scale %n2 epsilon 1.0e-05 : tensor<?x?x64xf32> scale tensor<64xf32>
  %wg = weft.use @gate : tensor<96x64xf32>
  %wu = weft.use @up : tensor<96x64xf32>
  %g = weft.linear %h2, %wg : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %empty = tensor.empty(%b, %t) : tensor<?x?x96xf32>
  %u = weft.linear %h2, %wu : tensor<?x?x64xf32>, tensor<96x64xf32> -> tensor<?x?x96xf32>
  %gu = linalg.generic {
    indexing_maps = [#id, #id, #id],
    iterator_types = ["parallel", "parallel", "parallel"]
  } ins(%g, %u : tensor<?x?x96xf32>, tensor<?x?x96xf32>)
    outs(%empty : tensor<?x?x96xf32>) {
  ^bb0(%eg: f32, %eu: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %0 = arith.negf %eg : f32
    %1 = math.exp %0 : f32
    %2 = arith.addf %1, %one : f32
    %3 = arith.divf %eg, %2 : f32
    %4 = arith.mulf %3, %eu : f32
    linalg.yield %4 : f32
  } -> tensor<?x?x96xf32>
  %wd = weft.use @down : tensor<64x96xf32>
  %d = weft.linear %gu, %wd : tensor<?x?x96xf32>, tensor<64x96xf32> -> tensor<?x?x64xf32>
  %x2 = arith.addf %d, %x1 : tensor<?x?x64xf32>
  %l = weft.linear %x2, %embed : tensor<?x?x64xf32>, tensor<128x64xf32> -> tensor<?x?x128xf32>
  return %l : tensor<?x?x128xf32>
}

// CHECK-LABEL: program.function @prefill
// CHECK-SAME: symbols ["tokens"] maxima [128]
// What only the last token needs is computed for it alone.
// CHECK: program.launch @embed_0
// CHECK: program.launch @norm_0
// CHECK: program.launch @linear_{{[0-9]+}} {{.*}} : memref<?x64xf32>
// CHECK: program.launch @fused{{.*}} : memref<1x64xf32>
// CHECK: program.launch @attention_decode_0
// CHECK: program.return tokens %{{.*}} arena %{{.*}}

// CHECK-LABEL: program.function @step
// CHECK: ^bb0(%[[IDS:.*]]: memref<1x1xi64>, %[[LOGITS:.*]]: memref<1x128xf32>):
// CHECK-DAG: %[[HEAD:.*]] = program.use_parameter @embed.packed
// CHECK: program.launch @embed_{{.*}} buffers(%{{.*}}, %[[HEAD]], %{{.*}})
// CHECK: program.launch @rope_table_
// CHECK: program.launch @fused{{.*}} memref<1x128xf32>
// CHECK-NOT: program.copy
// CHECK: program.launch @attention_decode_
// CHECK: program.launch @fused{{.*}} writes [2]
// CHECK: program.launch @fused{{.*}} writes [2] {{.*}} memref<24576xi8>, memref<24576xi8>, memref<1x96xf32>
// CHECK: program.launch @linear_{{.*}} writes [3]
// CHECK: program.launch @linear_{{.*}} buffers(%{{.*}}, %[[HEAD]], %[[LOGITS]])
// CHECK-NOT: program.launch
// CHECK: program.return tokens %c1 arena %{{.*}}

// Stored once each.
// CHECK-DAG: program.parameter @embed.packed : #program.panels<128 by 64 of f32, width 48> from [@embed]
// CHECK-DAG: program.parameter @q.packed : #program.panels<128 by 64 of f32, width 48> from [@q, @k, @v]
