// RUN: weft-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{expected a tensor of static shape but got 'tensor<?xf32>'}}
weft.parameter @dynamic : tensor<?xf32> in "model.gguf" at 0

// -----

// expected-error @below {{expected an offset of at least 0 but got -8}}
weft.parameter @offset : tensor<4xf32> in "model.gguf" at -8

// -----

// expected-error @below {{expected a last axis of whole blocks of 32 numbers but got 'tensor<4x33x!weft.blocks<#weft.q4_1>>'}}
weft.parameter @blocks : tensor<4x33x!weft.blocks<#weft.q4_1>> in "model.gguf" at 0

// -----

func.func @unknown() {
  // expected-error @below {{expected a parameter named @w}}
  %0 = weft.use @w : tensor<4xf32>
  return
}

// -----

weft.parameter @w : tensor<4xf32> in "model.gguf" at 0
func.func @type() {
  // expected-error @below {{expected type 'tensor<4xf32>' of @w but got 'tensor<8xf32>'}}
  %0 = weft.use @w : tensor<8xf32>
  return
}

// -----

func.func @shape(%w: tensor<4x64xf16>) {
  // expected-error @below {{expected a result shaped as 'tensor<4x64xf16>' but got 'tensor<64x4xf32>'}}
  %0 = weft.dequantize %w : tensor<4x64xf16> -> tensor<64x4xf32>
  return
}

// -----

func.func @stored(%w: tensor<4x64xi8>) {
  // expected-error @below {{operand #0 must be ranked tensor of}}
  %0 = weft.dequantize %w : tensor<4x64xi8> -> tensor<4x64xf32>
  return
}
