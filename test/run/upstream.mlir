// A layer of attention and a layer of the delta rule with upstream ops between,
// described once over the whole sequence. Loaded by stream.py; see there.
// RUN: weft-opt %s -weft-derive-step=capacity=12 -weft-decompose -canonicalize | FileCheck %s
// CHECK-NOT: weft.attention
// CHECK-NOT: weft.scan
// CHECK-LABEL: func.func @upstream(
// CHECK-LABEL: func.func @upstream_prefill(
// CHECK-LABEL: func.func @upstream_step(

#tokens = affine_map<(b, n, o, i) -> (b, n, i)>
#weights = affine_map<(b, n, o, i) -> (i, o)>
#result = affine_map<(b, n, o, i) -> (b, n, o)>
#same = affine_map<(b, n, o) -> (b, n, o)>

func.func @upstream(%x: tensor<1x?x16xf32> {weft.sequence = 1},
                  %wq: tensor<16x16xf32>, %wk: tensor<16x8xf32>,
                  %wv: tensor<16x8xf32>, %wb: tensor<16x4xf32>)
    -> tensor<1x?x16xf32> attributes {weft.stream} {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %slopes = arith.constant dense<[0.5, 0.25, 0.125, 0.0625]> : tensor<4xf32>
  %n = tensor.dim %x, %c1 : tensor<1x?x16xf32>
  %e16 = tensor.empty(%n) : tensor<1x?x16xf32>
  %e8 = tensor.empty(%n) : tensor<1x?x8xf32>
  %e4 = tensor.empty(%n) : tensor<1x?x4xf32>
  %z16 = linalg.fill ins(%zero : f32) outs(%e16 : tensor<1x?x16xf32>) -> tensor<1x?x16xf32>
  %z8 = linalg.fill ins(%zero : f32) outs(%e8 : tensor<1x?x8xf32>) -> tensor<1x?x8xf32>
  %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<1x?x4xf32>) -> tensor<1x?x4xf32>

  // Attention: 4 query heads over 2 key heads, sliding window, ALiBi.
  %q = linalg.generic {indexing_maps = [#tokens, #weights, #result],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %wq : tensor<1x?x16xf32>, tensor<16x16xf32>) outs(%z16 : tensor<1x?x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x?x16xf32>
  %k = linalg.generic {indexing_maps = [#tokens, #weights, #result],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %wk : tensor<1x?x16xf32>, tensor<16x8xf32>) outs(%z8 : tensor<1x?x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x?x8xf32>
  %v = linalg.generic {indexing_maps = [#tokens, #weights, #result],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %wv : tensor<1x?x16xf32>, tensor<16x8xf32>) outs(%z8 : tensor<1x?x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<1x?x8xf32>
  %qh = tensor.expand_shape %q [[0], [1], [2, 3]] output_shape [1, %n, 4, 4]
    : tensor<1x?x16xf32> into tensor<1x?x4x4xf32>
  %kh = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, %n, 2, 4]
    : tensor<1x?x8xf32> into tensor<1x?x2x4xf32>
  %vh = tensor.expand_shape %v [[0], [1], [2, 3]] output_shape [1, %n, 2, 4]
    : tensor<1x?x8xf32> into tensor<1x?x2x4xf32>
  %oh = weft.attention %qh, %kh, %vh normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<4>>) score(%s, %b, %h, %i, %j) {
      %slope = tensor.extract %slopes[%h] : tensor<4xf32>
      %distance = arith.subi %j, %i : index
      %0 = arith.index_cast %distance : index to i32
      %1 = arith.sitofp %0 : i32 to f32
      %2 = arith.mulf %slope, %1 : f32
      %3 = arith.addf %s, %2 : f32
      weft.yield %3 : f32
    } : tensor<1x?x4x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>
    -> tensor<1x?x4x4xf32>
  %o = tensor.collapse_shape %oh [[0], [1], [2, 3]]
    : tensor<1x?x4x4xf32> into tensor<1x?x16xf32>
  %y = linalg.generic {indexing_maps = [#same, #same, #same],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %o : tensor<1x?x16xf32>, tensor<1x?x16xf32>) outs(%e16 : tensor<1x?x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<1x?x16xf32>

  // Delta rule: 4 heads of 4 x 4, each with a learned step.
  %beta = linalg.generic {indexing_maps = [#tokens, #weights, #result],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%y, %wb : tensor<1x?x16xf32>, tensor<16x4xf32>) outs(%z4 : tensor<1x?x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = math.tanh %0 : f32
    %2 = arith.addf %c, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<1x?x4xf32>
  %yh = tensor.expand_shape %y [[0], [1], [2, 3]] output_shape [1, %n, 4, 4]
    : tensor<1x?x16xf32> into tensor<1x?x4x4xf32>
  %mh, %state = weft.scan %yh, %qh, %yh transition(#weft.delta gates %beta)
    : tensor<1x?x4x4xf32>, tensor<1x?x4x4xf32>, tensor<1x?x4x4xf32>, tensor<1x?x4xf32>
    -> tensor<1x?x4x4xf32>, tensor<1x4x4x4xf32>
  %m = tensor.collapse_shape %mh [[0], [1], [2, 3]]
    : tensor<1x?x4x4xf32> into tensor<1x?x16xf32>
  return %m : tensor<1x?x16xf32>
}
