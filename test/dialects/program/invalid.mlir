// RUN: weft-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expected 2 arguments, one an input and output, but got 1}}
program.function @f inputs ["x"] outputs ["y"] dims [[1], [1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected dims of 2 inputs and outputs but got 1}}
program.function @f inputs ["x"] outputs ["y"] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>, %y: memref<1xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected 2 dims of argument #0 but got [1]}}
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1x2xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected axis 0 of argument #0 as its type 'memref<2xf32>' says but got 1}}
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<2xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected one of the 1 symbols but got symbol 1}}
program.function @f inputs ["x"] outputs [] dims [[-2]] symbols ["n"] maxima [4] {
^bb0(%x: memref<?xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected a maximum for each of the 1 symbols but got 0}}
program.function @f inputs ["x"] outputs [] dims [[-1]] symbols ["n"] maxima [] {
^bb0(%x: memref<?xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected maxima of at least 1 but got 0}}
program.function @f inputs ["x"] outputs [] dims [[-1]] symbols ["n"] maxima [0] {
^bb0(%x: memref<?xf32>):
  program.return
}

// -----

// expected-error @+1 {{expected an input to give symbol "n" its value}}
program.function @f inputs [] outputs ["y"] dims [[-1]] symbols ["n"] maxima [4] {
^bb0(%y: memref<?xf32>):
  program.return
}

// -----

program.function @f inputs ["x"] outputs [] dims [[-1]] symbols ["n"] maxima [4] {
^bb0(%x: memref<?xf32>):
  // expected-error @+1 {{expected one of the 1 symbols but got symbol 1}}
  %0 = program.symbol 1
  program.return
}

// -----

// expected-error @+1 {{expected operands to be memrefs but got 'f32'}}
program.kernel @k family "f" config {} tasks affine_map<() -> (1)> operands [f32] scalars 0

// -----

// expected-error @+1 {{expected tasks as a map of one result on 2 scalars}}
program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<1xf32>] scalars 2

// -----

// expected-error @+1 {{expected the element region to end in a yield}}
program.kernel @k family "f" config {} tasks affine_map<() -> (1)> operands [memref<1xf32>] scalars 0 element {
^bb0(%x: f32):
  %0 = math.exp %x : f32
}

// -----

program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected a kernel named @k}}
  program.launch @k tasks(%c1) buffers(%x) scalars() writes [0] : memref<1xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<1xf32>] scalars 1
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected 1 buffers for @k but got 2}}
  program.launch @k tasks(%c1) buffers(%x, %x) scalars(%c1) writes [0] : memref<1xf32>, memref<1xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<2xf32>] scalars 1
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected buffer 0 of type 'memref<2xf32>' but got 'memref<1xf32>'}}
  program.launch @k tasks(%c1) buffers(%x) scalars(%c1) writes [0] : memref<1xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<1xf32>] scalars 1
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected 1 scalars but got 0}}
  program.launch @k tasks(%c1) buffers(%x) scalars() writes [0] : memref<1xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<1xf32>] scalars 1
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected writes to be numbers of the 1 buffers in increasing order but got 1}}
  program.launch @k tasks(%c1) buffers(%x) scalars(%c1) writes [1] : memref<1xf32>
  program.return
}

// -----

program.kernel @k family "f" config {} tasks affine_map<()[m] -> (m)> operands [memref<1xf32>] scalars 1
program.function @f inputs ["x"] outputs [] dims [[1]] symbols [] maxima [] {
^bb0(%x: memref<1xf32>):
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected a launch to write a buffer}}
  program.launch @k tasks(%c1) buffers(%x) scalars(%c1) writes [] : memref<1xf32>
  program.return
}

// -----

// expected-error @+1 {{expected either sources or data}}
program.parameter @p : #program.rows<tensor<2xf32>>

// -----

// expected-error @+1 {{expected data of layout #program.rows<tensor<2xf32>> but got 'tensor<1xf32>'}}
program.parameter @p : #program.rows<tensor<2xf32>> data dense<1.0> : tensor<1xf32>

// -----

// expected-error @+1 {{expected a parameter of the model named @w}}
program.parameter @p : #program.rows<tensor<2xf32>> from [@w]

// -----

weft.parameter @w : tensor<2xf32> in "m" at 0
// expected-error @+1 {{expected compute on 1 sources but got 0}}
program.parameter @p : #program.rows<tensor<2xf32>> from [@w] compute {
  %0 = arith.constant dense<0.0> : tensor<2xf32>
  program.yield %0 : tensor<2xf32>
}

// -----

weft.parameter @w : tensor<2xf32> in "m" at 0
// expected-error @+1 {{expected compute to yield one tensor}}
program.parameter @p : #program.rows<tensor<2xf32>> from [@w] compute {
^bb0(%w: tensor<2xf32>):
  program.yield
}

// -----

weft.parameter @w : tensor<2xf32> in "m" at 0
program.parameter @p : #program.rows<tensor<2xf32>> from [@w]
program.function @f inputs [] outputs [] dims [] symbols [] maxima [] {
  // expected-error @+1 {{expected type 'memref<2xf32>' but got 'memref<8xi8>'}}
  %0 = program.use_parameter @p : memref<8xi8>
  program.return
}

// -----

// expected-error @+1 {{expected a contiguous memref of static shape but got 'memref<?x4xf32>'}}
program.state @s<append> : memref<?x4xf32>

// -----

// expected-error @+1 {{expected a window of 'last' alone but got 3}}
program.state @s<append> window 3 : memref<8x4xf32>

// -----

// expected-error @+1 {{expected a window of at least 1 and less than the rows of 'memref<8x4xf32>' but got 8}}
program.state @s<last> window 8 : memref<8x4xf32>

// -----

program.function @f inputs [] outputs [] dims [] symbols [] maxima [] {
  // expected-error @+1 {{expected a state named @s}}
  %0 = program.state_length @s
  program.return
}

// -----

program.state @s<append> : memref<8x4xf32>
program.function @f inputs [] outputs [] dims [] symbols [] maxima [] {
  // expected-error @+1 {{expected type 'memref<8x4xf32>' but got 'memref<4x8xf32>'}}
  %0 = program.use_state @s : memref<4x8xf32>
  program.return
}

// -----

program.function @f inputs [] outputs [] dims [] symbols [] maxima [] {
  // expected-error @+1 {{expected 1 sizes for 'memref<?xf32>' but got 0}}
  %0 = program.alloc() : memref<?xf32>
  program.return
}

// -----

program.function @f inputs ["x"] outputs [] dims [[4]] symbols [] maxima [] {
^bb0(%x: memref<4xf32>):
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{expected elements of 'memref<4xf32>' but got 'memref<4xi32>'}}
  %0 = program.view %x at %c0 sizes() strides() : memref<4xf32> to memref<4xi32>
  program.return
}

// -----

program.function @f inputs ["x"] outputs [] dims [[4]] symbols [] maxima [] {
^bb0(%x: memref<4xf32>):
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{expected 1 strides for 'memref<2xf32, strided<[?]>>' but got 0}}
  %0 = program.view %x at %c0 sizes() strides() : memref<4xf32> to memref<2xf32, strided<[?]>>
  program.return
}

// -----

program.function @f inputs ["x"] outputs ["y"] dims [[4], [2]] symbols [] maxima [] {
^bb0(%x: memref<4xf32>, %y: memref<2xf32>):
  // expected-error @+1 {{expected a target shaped as 'memref<4xf32>' but got 'memref<2xf32>'}}
  program.copy %x to %y : memref<4xf32> to memref<2xf32>
  program.return
}
