// RUN: weft-opt %s -weft-derive-step=capacity=64 -canonicalize -cse -mlir-print-local-scope | FileCheck %s

// A fast attention, and the exact one where a number of a query leaves its range: both see the same keys and values.
!q = tensor<?x?x4x8xf32>
func.func @forward(%q: !q {weft.sequence = 1}, %k: !q {weft.sequence = 1}, %v: !q {weft.sequence = 1}) -> !q attributes {weft.stream} {
  %none = arith.constant dense<false> : tensor<i1>
  %high = arith.constant 9.0 : f32
  %fast = weft.attention %q, %k, %v normaliser(#weft.sigmoid) mask(#weft.causal) : !q, !q, !q -> !q
  %any = linalg.generic {indexing_maps = [affine_map<(b, t, h, d) -> (b, t, h, d)>, affine_map<(b, t, h, d) -> ()>],
                         iterator_types = ["reduction", "reduction", "reduction", "reduction"]}
    ins(%fast : !q) outs(%none : tensor<i1>) {
    ^bb0(%x: f32, %o: i1):
      %0 = arith.cmpf ugt, %x, %high : f32
      %1 = arith.ori %0, %o : i1
      linalg.yield %1 : i1
  } -> tensor<i1>
  %over = tensor.extract %any[] : tensor<i1>
  %y = scf.if %over -> !q {
    %0 = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !q, !q -> !q
    scf.yield %0 : !q
  } else {
    %0 = math.absf %fast : !q
    scf.yield %0 : !q
  } {weft.alternatives}
  return %y : !q
}

// One state for the keys and one for the values, written before the branch.
// CHECK-LABEL: func.func @prefill
// CHECK-SAME: tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.key", append>}, %{{.*}}: tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.value", append>}, %{{.*}}: index {weft.position}) ->
// CHECK-SAME: (tensor<1x4x8xf32>, tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.key", append>}, tensor<1x64x4x8xf32> {weft.state = #weft.state<"attention.0.value", append>})
// CHECK: %[[K:.*]], %{{.*}}, %[[NEXT_K:.*]] = weft.append<append>
// CHECK: %[[V:.*]], %{{.*}}, %[[NEXT_V:.*]] = weft.append<append>
// CHECK: weft.attention %{{.*}}, %[[K]], %[[V]] at %{{.*}} normaliser(#weft.sigmoid)
// CHECK: %[[ANY:.*]] = linalg.generic
// CHECK: %[[OVER:.*]] = tensor.extract %[[ANY]][]
// CHECK-NOT: weft.append
// CHECK: scf.if %[[OVER]]
// CHECK: weft.attention %{{.*}}, %[[K]], %[[V]] at %{{.*}} normaliser(#weft.softmax)
// CHECK: } else {
// CHECK: math.absf
// CHECK: return %{{.*}}, %[[NEXT_K]], %[[NEXT_V]]
