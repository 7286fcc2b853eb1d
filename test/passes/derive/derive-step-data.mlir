// What attention is given of each key is kept with it; what it is given of queries is not.
// RUN: weft-opt %s -weft-derive-step=capacity=64 -canonicalize -cse -mlir-print-local-scope | FileCheck %s

!q = tensor<?x?x4x8xf32>
!s = tensor<?x?xi64>
!r = tensor<?x?x4xf32>

// CHECK-LABEL: func.func @step(
// CHECK-SAME: tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.key", append>}
// CHECK-SAME: tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.value", append>}
// CHECK-SAME: tensor<1x64xi64> {weft.state = #weft.state<"attention.0.segments", append>}
// CHECK-SAME: tensor<1x64x4xf32> {weft.state = #weft.state<"attention.0.column", append>}
// CHECK-SAME: tensor<1x64x1xf32> {weft.state = #weft.state<"attention.0.column1", append>}
// CHECK-COUNT-5: weft.append<append>
// CHECK: weft.attention {{.*}} segments {{.*}} rows {{.*}} columns {{.*}} at
func.func @forward(%q: !q {weft.sequence = 1}, %s: !s {weft.sequence = 1}, %r: !r {weft.sequence = 1},
                   %c: tensor<?x?x1xf32> {weft.sequence = 1}) -> !q attributes {weft.stream} {
  %o = weft.attention %q, %q, %q segments %s, %s rows %r columns %r, %c normaliser(#weft.softmax) mask(#weft.causal)
    score(%e, %b, %h, %i, %j, %x, %y, %z) {
      %0 = arith.addf %e, %y : f32
      weft.yield %0 : f32
    } : !q, !q, !q segments !s, !s rows !r columns !r, tensor<?x?x1xf32> -> !q
  return %o : !q
}
