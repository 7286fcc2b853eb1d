// RUN: weft-opt %s -split-input-file -pass-pipeline='builtin.module(func.func(weft-keep-last-token,canonicalize,cse))' | FileCheck %s

// The head and the last layer from its queries on are computed for one token; its
// keys and values for all.
// CHECK-LABEL: func.func @layer(
// CHECK-SAME: %[[IDS:[^:]*]]: tensor<1x?xi64>
func.func @layer(%ids: tensor<1x?xi64>, %table: tensor<16x8xf32>, %w: tensor<8x8xf32>,
                 %g: tensor<8xf32>, %head: tensor<4x8xf32>, %position: index)
    -> tensor<1x4xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %ids, %c1 : tensor<1x?xi64>
  // CHECK: %[[LAST:.*]] = arith.subi
  %last = arith.subi %n, %c1 : index
  // CHECK: %[[X:.*]] = weft.embed {{.*}} -> tensor<1x?x8xf32>
  %x = weft.embed %ids, %table : tensor<1x?xi64>, tensor<16x8xf32> -> tensor<1x?x8xf32>
  // CHECK: %[[X1:.*]] = tensor.extract_slice %[[X]][0, %[[LAST]], 0] [1, 1, 8] [1, 1, 1] : tensor<1x?x8xf32> to tensor<1x1x8xf32>
  // CHECK: weft.linear %[[X1]], {{.*}} -> tensor<1x1x8xf32>
  %q = weft.linear %x, %w : tensor<1x?x8xf32>, tensor<8x8xf32> -> tensor<1x?x8xf32>
  // CHECK: weft.linear %[[X]], {{.*}} -> tensor<1x?x8xf32>
  %k = weft.linear %x, %w : tensor<1x?x8xf32>, tensor<8x8xf32> -> tensor<1x?x8xf32>
  // CHECK: tensor.expand_shape {{.*}} : tensor<1x1x8xf32> into tensor<1x1x2x4xf32>
  %qh = tensor.expand_shape %q [[0], [1], [2, 3]] output_shape [1, %n, 2, 4]
    : tensor<1x?x8xf32> into tensor<1x?x2x4xf32>
  // CHECK: tensor.expand_shape {{.*}} : tensor<1x?x8xf32> into tensor<1x?x2x4xf32>
  %kh = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, %n, 2, 4]
    : tensor<1x?x8xf32> into tensor<1x?x2x4xf32>
  // CHECK: %[[AT:.*]] = arith.addi %{{.*}}, %[[LAST]]
  // CHECK: weft.rope {{.*}} at %[[AT]] {{.*}} : tensor<1x1x2x4xf32>
  %qr = weft.rope %qh at %position pairing <half> frequencies [1.0] : tensor<1x?x2x4xf32>
  // CHECK: weft.attention {{.*}} at %[[AT]] {{.*}} -> tensor<1x1x2x4xf32>
  %a = weft.attention %qr, %kh, %kh at %position normaliser(#weft.softmax)
    mask(#weft.causal)
    : tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>, tensor<1x?x2x4xf32>
    -> tensor<1x?x2x4xf32>
  // CHECK: tensor.collapse_shape {{.*}} into tensor<1x1x8xf32>
  %o = tensor.collapse_shape %a [[0], [1], [2, 3]] : tensor<1x?x2x4xf32> into tensor<1x?x8xf32>
  // CHECK: arith.addf %[[X1]], {{.*}} : tensor<1x1x8xf32>
  %y = arith.addf %x, %o : tensor<1x?x8xf32>
  // CHECK: weft.norm<rms> {{.*}} : tensor<1x1x8xf32>
  %z = weft.norm<rms> %y scale %g epsilon 0.1 : tensor<1x?x8xf32> scale tensor<8xf32>
  // CHECK: weft.linear {{.*}} : tensor<1x1x8xf32>, tensor<4x8xf32> -> tensor<1x1x4xf32>
  %logits = weft.linear %z, %head : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x4xf32>
  // CHECK: tensor.extract_slice {{.*}} : tensor<1x1x4xf32> to tensor<1x4xf32>
  %0 = tensor.extract_slice %logits[0, %last, 0] [1, 1, 4] [1, 1, 1]
    : tensor<1x?x4xf32> to tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

// Structured work and fresh tensors are cut too.
#rows = affine_map<(b, l, c) -> (b, l, c)>
// CHECK-LABEL: func.func @structured(
func.func @structured(%x: tensor<1x?x8xf32>, %last: index) -> tensor<1x8xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<1x?x8xf32>
  %e = tensor.empty(%n) : tensor<1x?x8xf32>
  // CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x1x8xf32>) outs(%{{.*}} : tensor<1x1x8xf32>)
  %0 = linalg.generic {indexing_maps = [#rows, #rows],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x?x8xf32>) outs(%e : tensor<1x?x8xf32>) {
  ^bb0(%i: f32, %o: f32):
    %s = math.tanh %i : f32
    linalg.yield %s : f32
  } -> tensor<1x?x8xf32>
  // CHECK: tensor.concat dim(2) {{.*}} -> tensor<1x1x16xf32>
  %1 = tensor.concat dim(2) %0, %x
    : (tensor<1x?x8xf32>, tensor<1x?x8xf32>) -> tensor<1x?x16xf32>
  // CHECK: tensor.extract_slice {{.*}}[0, 0, 4] [1, 1, 8] [1, 1, 1] : tensor<1x1x16xf32>
  %2 = tensor.extract_slice %1[0, 0, 4] [1, %n, 8] [1, 1, 1]
    : tensor<1x?x16xf32> to tensor<1x?x8xf32>
  %3 = tensor.extract_slice %2[0, %last, 0] [1, 1, 8] [1, 1, 1]
    : tensor<1x?x8xf32> to tensor<1x8xf32>
  return %3 : tensor<1x8xf32>
}

// -----

// Not cut: what is used for all tokens, for two different ones, what mixes tokens.
// CHECK-LABEL: func.func @kept(
func.func @kept(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>, %i: index, %j: index)
    -> (tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x?x8xf32>) {
  // CHECK: weft.norm<l2> {{.*}} : tensor<1x?x8xf32>
  %0 = weft.norm<l2> %x epsilon 0.1 : tensor<1x?x8xf32>
  %1 = tensor.extract_slice %0[0, %i, 0] [1, 1, 8] [1, 1, 1] : tensor<1x?x8xf32> to tensor<1x8xf32>
  // CHECK: weft.norm<rms> {{.*}} : tensor<1x?x8xf32>
  %2 = weft.norm<rms> %x epsilon 0.1 : tensor<1x?x8xf32>
  %3 = tensor.extract_slice %2[0, %i, 0] [1, 1, 8] [1, 1, 1] : tensor<1x?x8xf32> to tensor<1x8xf32>
  %4 = tensor.extract_slice %2[0, %j, 0] [1, 1, 8] [1, 1, 1] : tensor<1x?x8xf32> to tensor<1x8xf32>
  %5 = arith.addf %3, %4 : tensor<1x8xf32>
  // CHECK: weft.short_conv {{.*}} -> tensor<1x?x8xf32>
  %6, %taps = weft.short_conv %x, %f
    : tensor<1x?x8xf32>, tensor<8x4xf32> -> tensor<1x?x8xf32>, tensor<1x3x8xf32>
  %7 = tensor.extract_slice %6[0, %i, 0] [1, 1, 8] [1, 1, 1] : tensor<1x?x8xf32> to tensor<1x8xf32>
  return %1, %5, %7, %0 : tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x8xf32>, tensor<1x?x8xf32>
}

// A token known at compile time, of a batch that is not: the norm is of one token a
// sequence. A part of a channel's axis is no token.
// CHECK-LABEL: func.func @class_token
// CHECK: %[[ONE:.*]] = tensor.extract_slice %{{.*}}[0, 0, 0] [%{{.*}}, 1, 64] [1, 1, 1] : tensor<?x7x64xf32> to tensor<?x1x64xf32>
// CHECK: weft.norm<rms> %[[ONE]] epsilon {{.*}} : tensor<?x1x64xf32>
// CHECK: weft.norm<l2> %{{.*}} epsilon {{.*}} : tensor<?x7x64xf32>
func.func @class_token(%x: tensor<?x7x64xf32>)
    -> (tensor<?x1x64xf32>, tensor<?x7x1xf32>) {
  %c0 = arith.constant 0 : index
  %n = weft.norm<rms> %x epsilon 1.0e-05 : tensor<?x7x64xf32>
  %b = tensor.dim %n, %c0 : tensor<?x7x64xf32>
  %0 = tensor.extract_slice %n[0, 0, 0] [%b, 1, 64] [1, 1, 1]
    : tensor<?x7x64xf32> to tensor<?x1x64xf32>
  %m = weft.norm<l2> %x epsilon 1.0e-05 : tensor<?x7x64xf32>
  %1 = tensor.extract_slice %m[0, 0, 3] [%b, 7, 1] [1, 1, 1]
    : tensor<?x7x64xf32> to tensor<?x7x1xf32>
  return %0, %1 : tensor<?x1x64xf32>, tensor<?x7x1xf32>
}
