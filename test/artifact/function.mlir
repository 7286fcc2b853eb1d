// One op, one row: slots, operands and control flow of a function.
// RUN: weft compile %s -o %t.weft --mcpu x86-64-v3
// RUN: weft inspect %t.weft --instructions grow | FileCheck %s
// RUN: weft inspect %t.weft | FileCheck %s --check-prefix=REPORT
// RUN: weft verify %t.weft

// REPORT:      name: grow
// REPORT:      - name x, type f32, dims [n x 4]
// REPORT:      - name y, type f32, dims [n x 4]
// REPORT:      - name n, max 16
// REPORT:      has_state: true
// REPORT:      - name k, kind append, type f32, dims [4], capacity 64, bytes 1024
// REPORT:      - name recent, kind last, type f32, dims [4], capacity 24, window 8, bytes 384
// REPORT:      - name sum, kind fixed, type f32, dims [2 x 4], capacity 1, bytes 32

program.state @k<append> : memref<64x4xf32>
program.state @recent<last> window 8 : memref<24x4xf32>
program.state @sum<fixed> : memref<2x4xf32>

// What one call cannot change comes first, each once.
// CHECK-DAG:  [[C0:s[0-9]+]] = 0
// CHECK-DAG:  = mul s0, {{s[0-9]+}}
// CHECK-DAG:  [[LENGTH:s[0-9]+]] = statelength k
// CHECK-DAG:  = mul {{s[0-9]+}}, [[LENGTH]]
program.function @grow inputs ["x"] outputs ["y"] dims [[-1, 4], [-1, 4]]
    symbols ["n"] maxima [16] {
^bb0(%x: memref<?x4xf32>, %y: memref<?x4xf32>):
  %n = program.symbol 0
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  %bytes = affine.apply affine_map<()[n] -> (n * 16)>()[%n]
  %arena = arith.addi %bytes, %c128 : index

  // A view of a state from its end on.
  %k = program.use_state @k : memref<64x4xf32>
  %length = program.state_length @k
  %offset = arith.muli %length, %c4 : index
  %end = program.view %k at %offset sizes(%n) strides()
    : memref<64x4xf32> to memref<?x4xf32>
  // CHECK: copy input x + [[C0]], [[BYTES:s[0-9]+]] bytes to state k + {{s[0-9]+}}, [[BYTES]] bytes
  program.copy %x to %end : memref<?x4xf32> to memref<?x4xf32>

  // A view of a view of the arena: offsets add up, in bytes.
  %a = program.arena %c128(%n) : memref<?x4xf32>
  %b = program.view %a at %c4 sizes(%n) strides()
    : memref<?x4xf32> to memref<?x2xf32, strided<[4, 1]>>
  // CHECK: [[I:s[0-9]+]] = for [[C0]] to s0, end at {{[0-9]+}}
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %is_first = arith.cmpi eq, %i, %c0 : index
    // CHECK: [[FIRST:s[0-9]+]] = equal [[C0]], [[I]]
    // CHECK: skip to [[ELSE:[0-9]+]] unless [[FIRST]]
    // CHECK-NEXT: copy
    // CHECK-NEXT: {{^ *}}[[ELSE]] skip to [[AFTER:[0-9]+]] unless
    // CHECK-NEXT: copy
    // CHECK-NEXT: {{^ *}}[[AFTER]]
    scf.if %is_first {
      program.copy %x to %y : memref<?x4xf32> to memref<?x4xf32>
    } else {
      program.copy %a to %y : memref<?x4xf32> to memref<?x4xf32>
    }
  }

  // What a loop of another step counts is scaled.
  // CHECK: for [[C0]] to
  // CHECK-NEXT: = mul
  // CHECK: end of
  scf.for %i = %c0 to %n step %c2 {
    %row = program.view %a at %i sizes() strides()
      : memref<?x4xf32> to memref<4xf32>
    %to = program.view %y at %i sizes() strides()
      : memref<?x4xf32> to memref<4xf32>
    program.copy %row to %to : memref<4xf32> to memref<4xf32>
  }
  // CHECK: arena
  // CHECK: tokens s0
  program.return tokens %n arena %arena
}
