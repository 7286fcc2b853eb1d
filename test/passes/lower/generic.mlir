// RUN: weft-opt %s -weft-lower-to-program -split-input-file | FileCheck %s

// Element-wise ops are one loop, however many axes; element-wise ops of one reader
// are one kernel.
func.func @pointwise(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>)
    -> tensor<?x?x64xf32> {
  %0 = arith.addf %x, %y : tensor<?x?x64xf32>
  %1 = math.tanh %0 : tensor<?x?x64xf32>
  return %1 : tensor<?x?x64xf32>
}

// CHECK-LABEL: program.function @pointwise
// CHECK: ^bb0(%[[X:.*]]: memref<?x?x64xf32>, %[[Y:.*]]: memref<?x?x64xf32>, %[[OUT:.*]]: memref<?x?x64xf32>):
// CHECK: program.launch @generic_0 tasks(%{{.*}}) buffers(%{{.*}}, %{{.*}}, %{{.*}}) scalars(%{{.*}}) writes [2] : memref<?xf32>, memref<?xf32>, memref<?xf32>
// CHECK-NEXT: program.return
// CHECK: program.kernel @generic_0 family "generic" config {indexing_maps = [#[[ID:.*]], #[[ID]], #[[ID]]], inputs = 2 : i64, iterations_per_task = 16384 : i64, iterator_types = [#linalg.iterator_type<parallel>], outputs = 1 : i64, task_loop = 0 : i64}

// -----

// Numbers of loops, values and tensors from outside.
weft.parameter @t : tensor<8xf32> in "m" at 0
func.func @outside(%x: tensor<4x8xf32>, %n: tensor<?xf32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %dim = tensor.dim %n, %c0 : tensor<?xf32>
  %t = weft.use @t : tensor<8xf32>
  %first = tensor.extract %n[%c0] : tensor<?xf32>
  %empty = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
    iterator_types = ["parallel", "parallel"]
  } ins(%x : tensor<4x8xf32>) outs(%empty : tensor<4x8xf32>) {
  ^bb0(%e: f32, %out: f32):
    %j = linalg.index 1 : index
    %v = tensor.extract %t[%j] : tensor<8xf32>
    %k = arith.subi %dim, %j : index
    %k32 = arith.index_cast %k : index to i32
    %kf = arith.sitofp %k32 : i32 to f32
    %1 = arith.mulf %e, %v : f32
    %2 = arith.mulf %1, %kf : f32
    %3 = arith.addf %2, %first : f32
    linalg.yield %3 : f32
  } -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: program.function @outside
// CHECK: ^bb0(%[[X:.*]]: memref<4x8xf32>, %[[N:.*]]: memref<?xf32>, %[[OUT:.*]]: memref<4x8xf32>):
// CHECK-DAG: %[[T:.*]] = program.use_parameter @t.packed : memref<8xf32>
// CHECK-DAG: %[[DIM:.*]] = program.symbol 0
// CHECK: program.launch @generic_0 tasks(%c1) buffers(%[[X]], %[[OUT]], %{{.*}}, %{{.*}}) scalars(%c4, %[[DIM]]) writes [1]
// CHECK: program.kernel @generic_0
// CHECK: ^bb0(%[[E:.*]]: f32, %{{.*}}: f32, %[[B0:.*]]: memref<{{.*}}xf32>, %[[B1:.*]]: memref<{{.*}}xf32>, %[[S:.*]]: index):
// CHECK-DAG: memref.load
// CHECK-DAG: program.index 1
// CHECK: arith.subi %[[S]]
// CHECK: program.yield

// -----

// A sum starts from what the output holds.
func.func @sum(%x: tensor<4x?xf32>) -> tensor<4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4xf32>)
    -> tensor<4xf32>
  %0 = linalg.generic {
    indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
    iterator_types = ["parallel", "reduction"]
  } ins(%x : tensor<4x?xf32>) outs(%init : tensor<4xf32>) {
  ^bb0(%e: f32, %out: f32):
    %1 = arith.addf %e, %out : f32
    linalg.yield %1 : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: program.function @sum
// CHECK: program.launch @generic_0 {{.*}} label "fill"
// CHECK: program.launch @generic_1
// CHECK: program.kernel @generic_1 family "generic" config {indexing_maps = {{.*}}, init, inputs = 1

// -----

// The old value is read again: the update has a place of its own.
func.func @kept(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = math.exp %x : tensor<4xf32>
  %1 = tensor.insert_slice %x into %0[0] [4] [1]
    : tensor<4xf32> into tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: program.function @kept
// CHECK: ^bb0(%[[X:.*]]: memref<4xf32>, %[[A:.*]]: memref<4xf32>, %[[B:.*]]: memref<4xf32>):
// CHECK: program.launch @generic_0 {{.*}} buffers(%[[X]], %[[A]])
// CHECK: program.copy %[[X]] to %[[B]]

// -----

// Scalars from tensors are computed where they are used; an op of upstream that
// no kernel takes is decomposed as ours.
func.func @scalars(%a: tensor<4xf32>, %x2: tensor<4x1xf32>) -> (tensor<3xf32>, tensor<4x1xf32>) {
  %c0 = arith.constant 0 : index
  %x = tensor.extract %a[%c0] : tensor<4xf32>
  %s = tensor.splat %x : tensor<3xf32>
  %i = tensor.insert %x into %s[%c0] : tensor<3xf32>
  %e = tensor.empty() : tensor<4x1xf32>
  %m = linalg.softmax dimension(0) ins(%x2 : tensor<4x1xf32>)
    outs(%e : tensor<4x1xf32>) -> tensor<4x1xf32>
  return %i, %m : tensor<3xf32>, tensor<4x1xf32>
}

// CHECK-LABEL: program.function @scalars
// CHECK: ^bb0(%[[A:.*]]: memref<4xf32>, %{{.*}}: memref<4x1xf32>, %{{.*}}: memref<3xf32>, %{{.*}}: memref<4x1xf32>):
// CHECK: program.launch @generic_0 tasks(%c1) buffers(%[[S:.*]], %[[A]]) scalars({{.*}}) writes [0] : memref<3xf32>, memref<4xf32>
// CHECK-NOT: linalg.softmax
// CHECK: program.kernel @generic_0
// CHECK: memref.load
