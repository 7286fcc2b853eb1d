// RUN: weft-opt %s -weft-merge-linears | FileCheck %s

weft.parameter @q : tensor<64x64xf32> in "m" at 0
weft.parameter @k : tensor<32x64xf32> in "m" at 16384
weft.parameter @v : tensor<32x64x!weft.blocks<#weft.q8_0>> in "m" at 24576
weft.parameter @e : tensor<32x64xf32> in "m" at 32768
weft.parameter @bq : tensor<64xf32> in "m" at 40960
weft.parameter @bk : tensor<32xf32> in "m" at 41216

// CHECK-LABEL: func.func @plain
// CHECK: %[[W:.*]] = tensor.concat dim(0) %{{.*}}, %{{.*}} : (tensor<64x64xf32>, tensor<32x64xf32>) -> tensor<96x64xf32>
// CHECK: %[[Y:.*]] = weft.linear %{{.*}}, %[[W]] : tensor<1x?x64xf32>, tensor<96x64xf32> -> tensor<1x?x96xf32>
// CHECK: %[[Q:.*]] = tensor.extract_slice %[[Y]][0, 0, 0] [1, %{{.*}}, 64] [1, 1, 1]
// CHECK: %[[K:.*]] = tensor.extract_slice %[[Y]][0, 0, 64] [1, %{{.*}}, 32] [1, 1, 1]
// CHECK: return %[[Q]], %[[K]]
func.func @plain(%x: tensor<1x?x64xf32>)
    -> (tensor<1x?x64xf32>, tensor<1x?x32xf32>) {
  %wq = weft.use @q : tensor<64x64xf32>
  %q = weft.linear %x, %wq
    : tensor<1x?x64xf32>, tensor<64x64xf32> -> tensor<1x?x64xf32>
  %wk = weft.use @k : tensor<32x64xf32>
  %k = weft.linear %x, %wk
    : tensor<1x?x64xf32>, tensor<32x64xf32> -> tensor<1x?x32xf32>
  return %q, %k : tensor<1x?x64xf32>, tensor<1x?x32xf32>
}

// What is done to each element is the same: biases are stacked too.
// CHECK-LABEL: func.func @biased
// CHECK: %[[W:.*]] = tensor.concat dim(0) {{.*}} -> tensor<96x64xf32>
// CHECK: %[[B:.*]] = tensor.concat dim(0) {{.*}} -> tensor<96xf32>
// CHECK: weft.linear %{{.*}}, %[[W]] with %[[B]] combine
// CHECK-NOT: weft.linear
func.func @biased(%x: tensor<1x1x64xf32>)
    -> (tensor<1x1x64xf32>, tensor<1x1x32xf32>) {
  %wq = weft.use @q : tensor<64x64xf32>
  %bq = weft.use @bq : tensor<64xf32>
  %q = weft.linear %x, %wq with %bq combine(%acc, %b) {
    %0 = arith.addf %acc, %b : f32
    weft.yield %0 : f32
  } : tensor<1x1x64xf32>, tensor<64x64xf32> with tensor<64xf32>
    -> tensor<1x1x64xf32>
  %wk = weft.use @k : tensor<32x64xf32>
  %bk = weft.use @bk : tensor<32xf32>
  %k = weft.linear %x, %wk with %bk combine(%acc, %b) {
    %0 = arith.addf %acc, %b : f32
    weft.yield %0 : f32
  } : tensor<1x1x64xf32>, tensor<32x64xf32> with tensor<32xf32>
    -> tensor<1x1x32xf32>
  return %q, %k : tensor<1x1x64xf32>, tensor<1x1x32xf32>
}

// Other storage, another input, or a table that is looked up in: left alone.
// CHECK-LABEL: func.func @different
// CHECK-NOT: tensor.concat
func.func @different(%x: tensor<1x1x64xf32>, %z: tensor<1x1x64xf32>,
    %ids: tensor<1x1xi64>)
    -> (tensor<1x1x64xf32>, tensor<1x1x32xf32>, tensor<1x1x32xf32>,
        tensor<1x1x32xf32>, tensor<1x1x64xf32>) {
  %wq = weft.use @q : tensor<64x64xf32>
  %0 = weft.linear %x, %wq
    : tensor<1x1x64xf32>, tensor<64x64xf32> -> tensor<1x1x64xf32>
  %wv = weft.use @v : tensor<32x64x!weft.blocks<#weft.q8_0>>
  %1 = weft.linear %x, %wv
    : tensor<1x1x64xf32>, tensor<32x64x!weft.blocks<#weft.q8_0>>
    -> tensor<1x1x32xf32>
  %wk = weft.use @k : tensor<32x64xf32>
  %2 = weft.linear %z, %wk
    : tensor<1x1x64xf32>, tensor<32x64xf32> -> tensor<1x1x32xf32>
  %we = weft.use @e : tensor<32x64xf32>
  %3 = weft.linear %x, %we
    : tensor<1x1x64xf32>, tensor<32x64xf32> -> tensor<1x1x32xf32>
  %4 = weft.embed %ids, %we
    : tensor<1x1xi64>, tensor<32x64xf32> -> tensor<1x1x64xf32>
  return %0, %1, %2, %3, %4 : tensor<1x1x64xf32>, tensor<1x1x32xf32>,
    tensor<1x1x32xf32>, tensor<1x1x32xf32>, tensor<1x1x64xf32>
}
