// What an artifact cannot express is refused, with the place.
// RUN: split-file %s %t
// RUN: not weft compile %t/carries.mlir -o %t.weft 2>&1 | FileCheck %t/carries.mlir
// RUN: not weft compile %t/unplanned.mlir -o %t.weft 2>&1 | FileCheck %t/unplanned.mlir
// RUN: not weft compile %t/type.mlir -o %t.weft 2>&1 | FileCheck %t/type.mlir
// RUN: not weft compile %t/operation.mlir -o %t.weft 2>&1 | FileCheck %t/operation.mlir
// RUN: not weft compile %t/tokens.mlir -o %t.weft 2>&1 | FileCheck %t/tokens.mlir
// Nothing is left behind.
// RUN: not test -e %t.weft

//--- carries.mlir
// CHECK: error: {{.*}}carries.mlir:[[@LINE+6]]:{{[0-9]+}}: 'scf.for' op carries values; an artifact's loop cannot
program.function @f inputs ["x"] outputs [] dims [[-1]] symbols ["n"] maxima [16] {
^bb0(%x: memref<?xf32>):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = program.symbol 0
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%s = %c0) -> index {
    %next = arith.addi %s, %i : index
    scf.yield %next : index
  }
  program.return arena %sum
}

//--- unplanned.mlir
// CHECK: error: {{.*}}'program.alloc' op expected a place in the arena; memory is not planned yet
program.function @f inputs ["x"] outputs [] dims [[4]] symbols [] maxima [] {
^bb0(%x: memref<4xf32>):
  %a = program.alloc() : memref<4xf32>
  program.copy %x to %a : memref<4xf32> to memref<4xf32>
  program.return
}

//--- type.mlir
// CHECK: error: {{.*}}'program.function' op has an input or output of type 'memref<4xcomplex<f32>>', which an artifact cannot hold
program.function @f inputs ["x"] outputs [] dims [[4]] symbols [] maxima [] {
^bb0(%x: memref<4xcomplex<f32>>):
  program.return
}

//--- operation.mlir
// CHECK: error: {{.*}}'arith.shli' op has no instruction in an artifact
program.function @f inputs ["x"] outputs [] dims [[-1]] symbols ["n"] maxima [16] {
^bb0(%x: memref<?xf32>):
  %n = program.symbol 0
  %m = arith.shli %n, %n : index
  program.return arena %m
}

//--- tokens.mlir
// CHECK: error: {{.*}}'program.return' op expected tokens that the symbols alone determine
program.state @k<append> : memref<64x4xf32>
program.function @f inputs ["x"] outputs [] dims [[4]] symbols [] maxima [] {
^bb0(%x: memref<4xf32>):
  %n = program.state_length @k
  program.return tokens %n
}
