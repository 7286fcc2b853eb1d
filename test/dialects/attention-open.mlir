// RUN: weft-opt %s | weft-opt | FileCheck %s
// RUN: weft-opt %s --mlir-print-op-generic | weft-opt | FileCheck %s

!q = tensor<1x?x4x8xf32>
!l = tensor<1x4x?xf32>
!s = tensor<1x?xi64>
!r = tensor<1x?x4xf32>

// CHECK-LABEL: func @data
func.func @data(%q: !q, %s: !s, %r: !r, %c: tensor<1x?x1xf32>) -> (!q, !l, !l) {
  // CHECK: weft.attention %{{.*}}, %{{.*}}, %{{.*}} segments %{{.*}}, %{{.*}} rows %{{.*}} columns %{{.*}}, %{{.*}} normaliser(#weft.softmax) mask(#weft.causal)
  // CHECK-SAME: score(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
  // CHECK: allowed(
  // CHECK: post(
  // CHECK: : {{.*}} segments tensor<1x?xi64>, tensor<1x?xi64> rows tensor<1x?x4xf32> columns tensor<1x?x1xf32>, tensor<1x?x4xf32> -> tensor<1x?x4x8xf32>, tensor<1x4x?xf32> mass tensor<1x4x?xf32>
  %o, %l, %m = weft.attention %q, %q, %q segments %s, %s rows %r columns %c, %r normaliser(#weft.softmax) mask(#weft.causal)
    score(%e, %b, %h, %i, %j, %x, %y, %z) {
      %0 = arith.addf %e, %x : f32
      weft.yield %0 : f32
    } allowed(%b, %h, %i, %j, %d, %x, %y, %z) {
      %0 = arith.cmpf olt, %y, %z : f32
      weft.yield %0 : i1
    } post(%w, %b, %h, %i, %j, %x, %y, %z) {
      weft.yield %w : f32
    } : !q, !q, !q segments !s, !s rows !r columns tensor<1x?x1xf32>, !r -> !q, !l mass !l
  // CHECK: weft.merge %{{.*}}, %{{.*}} by %{{.*}}, %{{.*}} : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32> by tensor<1x4x?xf32>, tensor<1x4x?xf32> -> tensor<1x?x4x8xf32>, tensor<1x4x?xf32>
  %a, %n = weft.merge %o, %o by %l, %l : !q, !q by !l, !l -> !q, !l
  return %a, %n, %m : !q, !l, !l
}

// CHECK-LABEL: func @kinds
func.func @kinds(%q: !q) -> !q {
  // CHECK: normaliser(#weft.power<4, 1.000000e-03 : f64>) mask(#weft.block_list<64, {{\[\[}}0, 3], [1]]>)
  %0 = weft.attention %q, %q, %q normaliser(#weft.power<4, 1.0e-3>) mask(#weft.block_list<64, [[0, 3], [1]]>) : !q, !q, !q -> !q
  // CHECK: normaliser(#weft.relu<2, 5.000000e-01 : f64>) mask(#weft.chunk<8, 4>)
  %1 = weft.attention %0, %q, %q normaliser(#weft.relu<2, 0.5>) mask(#weft.chunk<8, 4>) : !q, !q, !q -> !q
  // CHECK: normaliser(#weft.top_k<3>) mask(#weft.or<#weft.every<2>, #weft.global<1>, #weft.chunk<8>>)
  %2 = weft.attention %1, %q, %q normaliser(#weft.top_k<3>) mask(#weft.or<#weft.every<2>, #weft.global<1>, #weft.chunk<8>>) : !q, !q, !q -> !q
  return %2 : !q
}

// CHECK-LABEL: func @best
func.func @best(%x: tensor<1x?x32xf32>) -> tensor<1x?x4xi64> {
  // CHECK: weft.top_k %{{.*}} : tensor<1x?x32xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  %v, %p = weft.top_k %x : tensor<1x?x32xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
  return %p : tensor<1x?x4xi64>
}

// CHECK: weft.import "scores.mlir"
weft.import "scores.mlir"
