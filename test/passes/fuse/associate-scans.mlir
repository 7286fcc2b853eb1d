// RUN: weft-opt %s -weft-associate-scans | FileCheck %s

// 16 tokens, 8 channels: 73 features of each. Weights take 16 x 16 x 16 products,
// the state 2 x 16 x 73 x 8.
// CHECK-LABEL: func.func @taylor
// CHECK: weft.attention %arg0, %arg0, %arg0 normaliser(#weft.taylor) scale(1.000000e+00) : tensor<1x16x2x8xf32>
func.func @taylor(%x: tensor<1x16x2x8xf32>) -> tensor<1x16x2x8xf32> {
  %y, %s, %z = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.taylor_features) bidirectional
    : tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>
    -> tensor<1x16x2x8xf32>, tensor<1x2x73x8xf32>, tensor<1x2x73xf32>
  return %y : tensor<1x16x2x8xf32>
}

// Without a sum the weights are the scores' own function.
// CHECK-LABEL: func.func @weights
// CHECK: weft.attention {{.*}} normaliser(#weft.none) mask(#weft.causal) scale(1.000000e+00) score(%s, {{.*}}) {
// CHECK: arith.mulf %s
// CHECK: weft.yield
func.func @weights(%x: tensor<1x16x2x8xf32>) -> tensor<1x16x2x8xf32> {
  %y, %s = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.taylor_features)
    : tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>
    -> tensor<1x16x2x8xf32>, tensor<1x2x73x8xf32>
  return %y : tensor<1x16x2x8xf32>
}

// Long: the state is formed. A length that is not known is long where the map
// makes no more features than there are channels.
// CHECK-LABEL: func.func @long
// CHECK-COUNT-2: weft.scan
// CHECK-NOT: weft.attention
func.func @long(%x: tensor<1x16x2x8xf32>, %n: tensor<1x?x2x8xf32>)
    -> (tensor<1x16x2x8xf32>, tensor<1x?x2x8xf32>) {
  %y, %s = weft.scan %x, %x, %x transition(#weft.accumulate) bidirectional
    : tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>, tensor<1x16x2x8xf32>
    -> tensor<1x16x2x8xf32>, tensor<1x2x8x8xf32>
  %z, %t = weft.scan %n, %n, %n transition(#weft.accumulate)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>, tensor<1x2x8x8xf32>
  return %y, %z : tensor<1x16x2x8xf32>, tensor<1x?x2x8xf32>
}

// Below 2 * 73 * 8 / (8 + 8) tokens, found when it runs, the weights are formed;
// for what is causal, of half of the pairs, below twice as many.
// CHECK-LABEL: func.func @chosen
// CHECK: %[[N:.*]] = tensor.dim %arg0, %c1
// CHECK: %[[SHORT:.*]] = arith.cmpi ult, %[[N]], %c73
// CHECK: scf.if %[[SHORT]] -> (tensor<1x?x2x8xf32>) {
// CHECK:   weft.attention {{.*}} normaliser(#weft.taylor)
// CHECK: } else {
// CHECK:   weft.scan {{.*}} bidirectional
// CHECK: }
// CHECK: arith.cmpi ult, %{{.*}}, %c145
// CHECK: scf.if
func.func @chosen(%x: tensor<1x?x2x8xf32>) -> (tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>) {
  %y, %s, %z = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.taylor_features) bidirectional
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>, tensor<1x2x73x8xf32>, tensor<1x2x73xf32>
  %w, %t = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.taylor_features)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>, tensor<1x2x73x8xf32>
  return %y, %w : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
}

// What is no function of q k, what forgets, and what goes on stay scans.
// CHECK-LABEL: func.func @scans
// CHECK-COUNT-3: weft.scan
func.func @scans(%x: tensor<1x2x2x8xf32>, %a: tensor<2xf32>)
    -> (tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>, tensor<1x2x8x8xf32>) {
  %y, %s = weft.scan %x, %x, %x transition(#weft.accumulate)
    features(#weft.elu_features)
    : tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>
    -> tensor<1x2x2x8xf32>, tensor<1x2x8x8xf32>
  %z, %t = weft.scan %x, %x, %x transition(#weft.decay<constant> gates %a)
    : tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>,
      tensor<2xf32> -> tensor<1x2x2x8xf32>, tensor<1x2x8x8xf32>
  %w, %u = weft.scan %x, %x, %x transition(#weft.accumulate)
    : tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>
    -> tensor<1x2x2x8xf32>, tensor<1x2x8x8xf32>
  return %y, %z, %u : tensor<1x2x2x8xf32>, tensor<1x2x2x8xf32>, tensor<1x2x8x8xf32>
}
