// RUN: weft-opt %s -weft-lower-to-program | FileCheck %s

// One table serves all that rotate alike; what rotates by other frequencies or
// stands at another position has its own.
func.func @shared(%q: tensor<?x?x4x8xf32>, %k: tensor<?x?x2x8xf32>)
    -> (tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x8xf32>) {
  %0 = weft.rope %q pairing<half> frequencies [1.0, 0.5]
    : tensor<?x?x4x8xf32>
  %1 = weft.rope %k pairing<half> frequencies [1.0, 0.5]
    : tensor<?x?x2x8xf32>
  %2 = weft.rope %q pairing<adjacent> frequencies [1.0, 0.25]
    : tensor<?x?x4x8xf32>
  return %0, %1, %2
    : tensor<?x?x4x8xf32>, tensor<?x?x2x8xf32>, tensor<?x?x4x8xf32>
}

// CHECK-DAG: #[[T:.*]] = affine_map<()[s0, s1] -> (s0)>
// CHECK-DAG: #[[BT:.*]] = affine_map<()[s0, s1] -> (s0 * s1)>
// CHECK-LABEL: program.function @shared
// CHECK: ^bb0(%[[Q:.*]]: memref<?x?x4x8xf32>, %[[K:.*]]: memref<?x?x2x8xf32>, %[[O0:.*]]: memref<?x?x4x8xf32>, %[[O1:.*]]: memref<?x?x2x8xf32>, %[[O2:.*]]: memref<?x?x4x8xf32>):
// CHECK: program.launch @rope_table_0 tasks(%[[TOKENS:.*]]) buffers(%{{[^,]*}}, %[[TABLE:[^,)]*]]) scalars(%[[TOKENS]], %c0) writes [1]
// CHECK: program.launch @rope_0 tasks(%[[ALL:.*]]) buffers(%[[Q]], %[[TABLE]], %[[O0]]) scalars(%{{.*}}, %[[TOKENS]]) writes [2]
// CHECK-NOT: program.launch @rope_table
// CHECK: program.launch @rope_1 tasks(%[[ALL]]) buffers(%[[K]], %[[TABLE]], %[[O1]])
// CHECK: program.launch @rope_table_0 tasks(%[[TOKENS]]) buffers(%{{[^,]*}}, %[[OTHER:[^,)]*]])
// CHECK: program.launch @rope_2 tasks(%[[ALL]]) buffers(%[[Q]], %[[OTHER]], %[[O2]])

// CHECK: program.parameter @{{.*}} : #program.rows<tensor<2xf64>> data dense<[1.000000e+00, 5.000000e-01]>
// CHECK: program.kernel @rope_table_0 family "rope_table" config {magnitude = 1.000000e+00 : f64, r = 2 : i64} tasks #[[T]] operands [memref<2xf64>, memref<?x2x2xf32>] scalars 2
// CHECK: program.kernel @rope_0 family "rope" config {d = 8 : i64, h = 4 : i64, pairing = #weft.rope_pairing<half>, r = 2 : i64} tasks #[[BT]]
