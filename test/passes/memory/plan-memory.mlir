// RUN: weft-opt %s -pass-pipeline='builtin.module(program.function(weft-plan-memory))' -split-input-file | FileCheck %s

program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<100xf32>, memref<100xf32>] scalars 0

// The third buffer takes the place of the first, which is not needed any more.
// CHECK-LABEL: program.function @chain
// CHECK: %[[A:.*]] = program.arena %c0() : memref<100xf32>
// CHECK: %[[B:.*]] = program.arena %c448() : memref<100xf32>
// CHECK: program.launch @k tasks(%c1) buffers(%[[A]], %[[B]])
// CHECK: %[[C:.*]] = program.arena %c0() : memref<100xf32>
// CHECK: program.launch @k tasks(%c1) buffers(%[[B]], %[[C]])
// CHECK: program.return arena %c896
program.function @chain inputs ["x"] outputs ["y"] dims [[100], [100]]
    symbols [] maxima [] {
^bb0(%x: memref<100xf32>, %y: memref<100xf32>):
  %c1 = arith.constant 1 : index
  %a = program.alloc() : memref<100xf32>
  program.launch @k tasks(%c1) buffers(%x, %a) scalars() writes [1]
    : memref<100xf32>, memref<100xf32>
  %b = program.alloc() : memref<100xf32>
  program.launch @k tasks(%c1) buffers(%a, %b) scalars() writes [1]
    : memref<100xf32>, memref<100xf32>
  %c = program.alloc() : memref<100xf32>
  program.launch @k tasks(%c1) buffers(%b, %c) scalars() writes [1]
    : memref<100xf32>, memref<100xf32>
  program.launch @k tasks(%c1) buffers(%c, %y) scalars() writes [1]
    : memref<100xf32>, memref<100xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<?x10xf32>, memref<8xf32>] scalars 0

// Buffers that grow with the tokens are one pool, those that do not another. A unit
// of 10 numbers takes 64 bytes: offsets stay aligned for every number of tokens.
// CHECK-LABEL: program.function @pools
// CHECK-DAG: %[[T:.*]] = program.symbol 0
// CHECK-DAG: %[[SECOND:.*]] = arith.muli %[[T]], %c64
// CHECK-DAG: %[[BYTES:.*]] = arith.muli %[[T]], %c128
// CHECK: program.arena %{{.*}}() : memref<8xf32>
// CHECK: program.return arena
program.function @pools inputs ["x"] outputs ["y"] dims [[-1, 10], [8]]
    symbols ["tokens"] maxima [16] {
^bb0(%x: memref<?x10xf32>, %y: memref<8xf32>):
  %c1 = arith.constant 1 : index
  %t = program.symbol 0
  %a = program.alloc(%t) : memref<?x10xf32>
  %b = program.alloc(%t) : memref<?x10xf32>
  %s = program.alloc() : memref<8xf32>
  program.launch @k tasks(%c1) buffers(%a, %s) scalars() writes [1]
    : memref<?x10xf32>, memref<8xf32>
  program.launch @k tasks(%c1) buffers(%b, %s) scalars() writes [1]
    : memref<?x10xf32>, memref<8xf32>
  program.return
}

// -----

program.state @key<append> : memref<1000x8xf32>
program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<?xf32>] scalars 0

// What depends on the rows held is sized by the capacity.
// CHECK-LABEL: program.function @bounded
// CHECK: %[[SLICES:.*]] = arith.ceildivsi
// CHECK: program.arena %c0(%[[SLICES]]) : memref<?xf32>
// CHECK: program.return tokens %c1 arena %c64
program.function @bounded inputs [] outputs [] dims [] symbols [] maxima [] {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  %held = program.state_length @key
  %count = arith.addi %held, %c1 : index
  %slices = arith.ceildivsi %count, %c256 : index
  %a = program.alloc(%slices) : memref<?xf32>
  program.launch @k tasks(%c1) buffers(%a) scalars() writes [0] : memref<?xf32>
  program.return tokens %c1
}

// -----

program.state @key<append> : memref<1000x8xf32>
program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<?xf32>] scalars 0

// So does what depends on rows held and new ones; a quotient is bounded term by
// term: at most t + 4 slices of 256.
// CHECK-LABEL: program.function @slices_of_both
// CHECK: %[[UNIT:.*]] = arith.addi %c4, %{{.*}} : index
// CHECK: %[[BYTES:.*]] = arith.muli %[[UNIT]], %c64 : index
// CHECK: program.return tokens %{{.*}} arena %[[BYTES]]
program.function @slices_of_both inputs ["x"] outputs [] dims [[-1]] symbols ["t"] maxima [9] {
^bb0(%x: memref<?xf32>):
  %t = program.symbol 0
  %c256 = arith.constant 256 : index
  %c1 = arith.constant 1 : index
  %held = program.state_length @key
  %count = arith.addi %held, %t : index
  %slices = arith.ceildivsi %count, %c256 : index
  %a = program.alloc(%slices) : memref<?xf32>
  program.launch @k tasks(%c1) buffers(%a) scalars() writes [0] : memref<?xf32>
  program.return tokens %t
}

// -----

program.kernel @k family "f" config {} tasks affine_map<() -> (1)>
  operands [memref<4xf32>] scalars 0

// A buffer from before a loop is needed until the loop ends.
// CHECK-LABEL: program.function @loop
// CHECK: %[[A:.*]] = program.arena %c0() : memref<4xf32>
// CHECK: scf.for
// CHECK: program.launch @k tasks(%c1) buffers(%[[A]])
// CHECK: %[[B:.*]] = program.arena %c64() : memref<4xf32>
// CHECK: program.launch @k tasks(%c1) buffers(%[[B]])
// CHECK: }
// CHECK: program.return arena %c128
program.function @loop inputs [] outputs [] dims [] symbols [] maxima [] {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = program.alloc() : memref<4xf32>
  scf.for %i = %c0 to %c1 step %c1 {
    program.launch @k tasks(%c1) buffers(%a) scalars() writes [0] : memref<4xf32>
    %b = program.alloc() : memref<4xf32>
    program.launch @k tasks(%c1) buffers(%b) scalars() writes [0] : memref<4xf32>
  }
  program.return
}
