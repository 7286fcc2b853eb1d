// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @none(%x: tensor<1x?x2x4xf32>) {
  // expected-error @below {{expected at least one frequency}}
  %0 = weft.rope %x pairing <half> frequencies [] : tensor<1x?x2x4xf32>
  return
}

// -----

func.func @many(%x: tensor<1x?x2x4xf32>) {
  // expected-error @below {{expected an input with at least the 6 channels that 3 frequencies rotate but got 'tensor<1x?x2x4xf32>'}}
  %0 = weft.rope %x pairing <half> frequencies [1.0, 0.1, 0.01] : tensor<1x?x2x4xf32>
  return
}

// -----

func.func @rank(%x: tensor<1x?x4xf32>) {
  // expected-error @below {{operand #0 must be 4D tensor of 32-bit float values, but got 'tensor<1x?x4xf32>'}}
  %0 = weft.rope %x pairing <half> frequencies [1.0] : tensor<1x?x4xf32>
  return
}
