// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @dynamic(%x: tensor<1x?xf32>) {
  // expected-error @below {{expected an input with a last axis of static size but got 'tensor<1x?xf32>'}}
  %0 = weft.norm<rms> %x epsilon 0.1 : tensor<1x?xf32>
  return
}

// -----

func.func @scale(%x: tensor<1x?x8xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{expected scale with 8 channels as input but got 4}}
  %0 = weft.norm<rms> %x scale %g epsilon 0.1 : tensor<1x?x8xf32> scale tensor<4xf32>
  return
}

// -----

func.func @shift(%x: tensor<1x?x8xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{expected shift with 8 channels as input but got 4}}
  %0 = weft.norm<rms> %x shift %g epsilon 0.1 : tensor<1x?x8xf32> shift tensor<4xf32>
  return
}

// -----

func.func @epsilon(%x: tensor<1x?x8xf32>) {
  // expected-error @below {{expected a finite epsilon of at least 0 but got -1.000000e+00 : f32}}
  %0 = weft.norm<rms> %x epsilon -1.0 : tensor<1x?x8xf32>
  return
}
