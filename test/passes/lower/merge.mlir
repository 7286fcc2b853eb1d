// RUN: weft-opt %s -weft-lower-to-program=explain=true | FileCheck %s

// Parts are strided buffers; tokens are in lanes as the lse lie.
func.func @merge(%a: tensor<?x?x4x8xf32>, %b: tensor<?x?x4x8xf32>,
                 %al: tensor<?x4x?xf32>, %bl: tensor<?x4x?xf32>)
    -> (tensor<?x?x4x8xf32>, tensor<?x4x?xf32>) {
  %out, %lse = weft.merge %a, %b by %al, %bl
    : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32> by tensor<?x4x?xf32>, tensor<?x4x?xf32>
    -> tensor<?x?x4x8xf32>, tensor<?x4x?xf32>
  return %out, %lse : tensor<?x?x4x8xf32>, tensor<?x4x?xf32>
}

// CHECK: affine_map<()[s0, s1] -> ((s0 * (s1 ceildiv 1024)) * 4)>
// CHECK-LABEL: program.function @merge
// CHECK-SAME: lowering = "merge", op = "weft.merge"
// CHECK: ^bb0(%[[A:.*]]: memref<?x?x4x8xf32>, %[[B:.*]]: memref<?x?x4x8xf32>, %[[AL:.*]]: memref<?x4x?xf32>, %[[BL:.*]]: memref<?x4x?xf32>, %[[OUT:.*]]: memref<?x?x4x8xf32>, %[[LSE:.*]]: memref<?x4x?xf32>):
// CHECK: program.launch @merge_0 tasks(%{{.*}}) buffers(%[[A]], %[[B]], %[[AL]], %[[BL]], %[[OUT]], %[[LSE]]) scalars({{.*}}) writes [4, 5]
// CHECK: program.kernel @merge_0 family "merge" config {e = 8 : i64, h = 4 : i64, parts = 2 : i64, tokens_per_task = 1024 : i64}
