// RUN: weft-opt %s -pass-pipeline='builtin.module(func.func(weft-fuse-elementwise))' | FileCheck %s

// CHECK-LABEL: func.func @residual
// CHECK: weft.linear %[[X:.*]], %[[W:.*]] with %[[R:.*]] combine(%[[ACC:.*]], %[[E:.*]]) {
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[ACC]], %[[E]]
// CHECK-NEXT: weft.yield %[[SUM]]
// CHECK-NOT: linalg.generic
func.func @residual(%x: tensor<?x?x64xf32>, %w: tensor<32x64xf32>,
    %r: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %0 = weft.linear %x, %w
    : tensor<?x?x64xf32>, tensor<32x64xf32> -> tensor<?x?x32xf32>
  %1 = arith.addf %0, %r : tensor<?x?x32xf32>
  return %1 : tensor<?x?x32xf32>
}

// Two products that meet: silu(gate) * up, though gate is read twice.
// CHECK-LABEL: func.func @gated
// CHECK: weft.linear %{{.*}}, %{{.*}}, %{{.*}} combine(%[[G:.*]], %[[U:.*]]) {
// CHECK: arith.negf %[[G]]
// CHECK: math.exp
// CHECK: arith.mulf %{{.*}}, %[[U]]
// CHECK-NOT: weft.linear
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @gated(%x: tensor<1x1x64xf32>, %g: tensor<32x64xf32>,
    %u: tensor<32x64xf32>) -> tensor<1x1x32xf32> {
  %gate = weft.linear %x, %g
    : tensor<1x1x64xf32>, tensor<32x64xf32> -> tensor<1x1x32xf32>
  %up = weft.linear %x, %u
    : tensor<1x1x64xf32>, tensor<32x64xf32> -> tensor<1x1x32xf32>
  %one = arith.constant dense<1.0> : tensor<1x1x32xf32>
  %0 = arith.negf %gate : tensor<1x1x32xf32>
  %1 = math.exp %0 : tensor<1x1x32xf32>
  %2 = arith.addf %1, %one : tensor<1x1x32xf32>
  %3 = arith.divf %gate, %2 : tensor<1x1x32xf32>
  %4 = arith.mulf %3, %up : tensor<1x1x32xf32>
  return %4 : tensor<1x1x32xf32>
}

// A bias a channel by a nest, after what the linear does itself.
// CHECK-LABEL: func.func @bias
// CHECK: weft.linear %{{.*}}, %{{.*}} with %[[S:.*]], %[[B:.*]] combine(%[[ACC:.*]], %[[SCALE:.*]], %[[BIAS:.*]]) {
// CHECK-NEXT: %[[SCALED:.*]] = arith.mulf %[[ACC]], %[[SCALE]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[SCALED]], %[[BIAS]]
// CHECK-NEXT: weft.yield %[[SUM]]
// CHECK: with tensor<32xf32>, tensor<32xf32>
func.func @bias(%x: tensor<4x64xf32>, %w: tensor<32x64xf32>, %s: tensor<32xf32>,
    %b: tensor<32xf32>) -> tensor<4x32xf32> {
  %0 = weft.linear %x, %w with %s combine(%acc, %scale) {
    %2 = arith.mulf %acc, %scale : f32
    weft.yield %2 : f32
  } : tensor<4x64xf32>, tensor<32x64xf32> with tensor<32xf32>
    -> tensor<4x32xf32>
  %empty = tensor.empty() : tensor<4x32xf32>
  %1 = linalg.generic {
    indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
                     affine_map<(m, n) -> (m, n)>],
    iterator_types = ["parallel", "parallel"]
  } ins(%0, %b : tensor<4x32xf32>, tensor<32xf32>)
    outs(%empty : tensor<4x32xf32>) {
  ^bb0(%e: f32, %c: f32, %out: f32):
    %2 = arith.addf %e, %c : f32
    linalg.yield %2 : f32
  } -> tensor<4x32xf32>
  return %1 : tensor<4x32xf32>
}

// Somebody else reads the product: it stays.
// CHECK-LABEL: func.func @shared
// CHECK: weft.linear %{{.*}}, %{{.*}} :
// CHECK: linalg.generic
func.func @shared(%x: tensor<4x64xf32>, %w: tensor<32x64xf32>)
    -> (tensor<4x32xf32>, tensor<4x32xf32>) {
  %0 = weft.linear %x, %w
    : tensor<4x64xf32>, tensor<32x64xf32> -> tensor<4x32xf32>
  %1 = math.tanh %0 : tensor<4x32xf32>
  return %0, %1 : tensor<4x32xf32>, tensor<4x32xf32>
}

// CHECK-LABEL: func.func @conv
// CHECK: %[[Y:.*]]:2 = weft.short_conv %{{.*}}, %{{.*}} with %{{.*}} combine(%[[ACC:.*]], %[[B:.*]]) {
// CHECK: arith.addf %[[ACC]], %[[B]]
// CHECK: math.tanh
// CHECK-NOT: linalg.generic
// CHECK: return %[[Y]]#0, %[[Y]]#1
func.func @conv(%x: tensor<1x4x64xf32>, %f: tensor<64x4xf32>,
    %b: tensor<64xf32>) -> (tensor<1x4x64xf32>, tensor<1x3x64xf32>) {
  %0, %taps = weft.short_conv %x, %f with %b combine(%acc, %bias) {
    %2 = arith.addf %acc, %bias : f32
    weft.yield %2 : f32
  } : tensor<1x4x64xf32>, tensor<64x4xf32> with tensor<64xf32>
    -> tensor<1x4x64xf32>, tensor<1x3x64xf32>
  %1 = math.tanh %0 : tensor<1x4x64xf32>
  return %1, %taps : tensor<1x4x64xf32>, tensor<1x3x64xf32>
}
