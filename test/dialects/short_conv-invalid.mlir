// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @channels(%x: tensor<1x?x8xf32>, %f: tensor<4x4xf32>) {
  // expected-error @below {{expected input with 4 channels as filter but got 8}}
  %0, %t = weft.short_conv %x, %f
    : tensor<1x?x8xf32>, tensor<4x4xf32> -> tensor<1x?x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @final(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>) {
  // expected-error @below {{expected final to hold 6 tokens but got 'tensor<1x3x8xf32>'}}
  %0, %t = weft.short_conv %x, %f {dilation = 2}
    : tensor<1x?x8xf32>, tensor<8x4xf32> -> tensor<1x?x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @dilation(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>) {
  // expected-error @below {{expected a dilation of at least 1 but got 0}}
  %0, %t = weft.short_conv %x, %f {dilation = 0}
    : tensor<1x?x8xf32>, tensor<8x4xf32> -> tensor<1x?x8xf32>, tensor<1x0x8xf32>
  return
}

// -----

func.func @taps(%x: tensor<1x?x8xf32>, %f: tensor<8x0xf32>) {
  // expected-error @below {{expected a filter of channels x taps of static shape with at least one tap but got 'tensor<8x0xf32>'}}
  %0, %t = weft.short_conv %x, %f
    : tensor<1x?x8xf32>, tensor<8x0xf32> -> tensor<1x?x8xf32>, tensor<1x0x8xf32>
  return
}

// -----

func.func @out(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>) {
  // expected-error @below {{expected an out shaped as input, 'tensor<1x?x8xf32>', but got 'tensor<2x?x8xf32>'}}
  %0, %t = weft.short_conv %x, %f
    : tensor<1x?x8xf32>, tensor<8x4xf32> -> tensor<2x?x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @extra(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{expected each extra with 8 channels as filter but got 4}}
  %0, %t = weft.short_conv %x, %f with %b combine(%acc, %e) {
      weft.yield %acc : f32
    } : tensor<1x?x8xf32>, tensor<8x4xf32> with tensor<4xf32>
    -> tensor<1x?x8xf32>, tensor<1x3x8xf32>
  return
}

// -----

func.func @no_region(%x: tensor<1x?x8xf32>, %f: tensor<8x4xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{expected no extras without a combine region but got 1}}
  %0, %t = weft.short_conv %x, %f with %b
    : tensor<1x?x8xf32>, tensor<8x4xf32> with tensor<8xf32>
    -> tensor<1x?x8xf32>, tensor<1x3x8xf32>
  return
}
