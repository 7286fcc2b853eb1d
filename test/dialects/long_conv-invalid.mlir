// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @groups(%x: tensor<1x?x8xf32>, %f: tensor<4x3xf32>) {
  // expected-error @below {{expected channels in groups of one size but got 8 channels and 3 groups}}
  %0 = weft.long_conv %x, %f : tensor<1x?x8xf32>, tensor<4x3xf32> -> tensor<1x?x8xf32>
  return
}

// -----

func.func @even(%x: tensor<1x?x8xf32>, %f: tensor<4x8xf32>) {
  // expected-error @below {{expected an odd number of rows of a filter in both directions but got 4}}
  %0 = weft.long_conv %x, %f bidirectional : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x8xf32>
  return
}

// -----

func.func @unknown(%x: tensor<1x?x?xf32>, %f: tensor<4x8xf32>) {
  // expected-error @below {{expected known numbers of channels and groups but got 'tensor<1x?x?xf32>' and 'tensor<4x8xf32>'}}
  %0 = weft.long_conv %x, %f : tensor<1x?x?xf32>, tensor<4x8xf32> -> tensor<1x?x?xf32>
  return
}

// -----

func.func @tokens(%x: tensor<1x5x8xf32>, %f: tensor<4x8xf32>) {
  // expected-error @below {{expected out with 5 tokens as input but got 6}}
  %0 = weft.long_conv %x, %f : tensor<1x5x8xf32>, tensor<4x8xf32> -> tensor<1x6x8xf32>
  return
}

// -----

func.func @skip(%x: tensor<1x?x8xf32>, %f: tensor<4x8xf32>) {
  %n = arith.constant -1 : index
  // expected-error @below {{expected to skip at least 0 tokens but got -1}}
  %0 = weft.long_conv %x, %f skip %n : tensor<1x?x8xf32>, tensor<4x8xf32> -> tensor<1x?x8xf32>
  return
}
