// RUN: weft-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{expected "weft.sequence" to be the number of an axis but got "tokens"}}
func.func private @sequence(tensor<1x?xi64> {weft.sequence = "tokens"})

// -----

// expected-error @below {{expected "weft.state" to be a state but got "key"}}
func.func private @state(tensor<1x4xf32> {weft.state = "key"})

// -----

// expected-error @below {{expected "weft.state" to be a state but got unit}}
func.func private @result() -> (tensor<1x4xf32> {weft.state})

// -----

// expected-error @below {{expected "weft.name" to be a string but got 3 : i64}}
func.func private @name() -> (tensor<1x4xf32> {weft.name = 3})

// -----

// expected-error @below {{expected 'weft.position' on an argument of type 'index' but got 'f32'}}
func.func private @position(f32 {weft.position})

// -----

// expected-error @below {{expected "weft.stream" to be a unit but got true}}
func.func private @stream() attributes {weft.stream = true}

// -----

// expected-error @below {{expected "weft.stream" on a function but got 'builtin.module'}}
module attributes {weft.stream} {}
