// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @columns(%x: tensor<1x?x64xf32>, %w: tensor<32x48xf32>) {
  // expected-error @below {{expected input with 48 columns as weight but got 64}}
  %0 = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<32x48xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @rows(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expected out with 32 rows as weight but got 16}}
  %0 = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<32x64xf32> -> tensor<1x?x16xf32>
  return
}

// -----

func.func @leading(%x: tensor<2x?x64xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expected out with 2 rows as input but got 3}}
  %0 = weft.linear %x, %w : tensor<2x?x64xf32>, tensor<32x64xf32> -> tensor<3x?x32xf32>
  return
}

// -----

func.func @rank(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expected an out of the rank of input, 3, but got 'tensor<?x32xf32>'}}
  %0 = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<32x64xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @dynamic(%x: tensor<1x?x64xf32>, %w: tensor<?x64xf32>) {
  // expected-error @below {{expected weights of static shape but got 'tensor<?x64xf32>'}}
  %0 = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<?x64xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @two_shapes(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>, %v: tensor<16x64xf32>) {
  // expected-error @below {{expected weights of one shape, that of 'tensor<32x64xf32>', but got 'tensor<16x64xf32>'}}
  %0 = weft.linear %x, %w, %v combine(%a, %b) {
      weft.yield %a : f32
    } : tensor<1x?x64xf32>, tensor<32x64xf32>, tensor<16x64xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @blocks(%x: tensor<1x?x48xf32>, %w: tensor<32x48x!weft.blocks<#weft.q8_0>>) {
  // expected-error @below {{expected a last axis of whole blocks of 32 numbers but got 'tensor<32x48x!weft.blocks<#weft.q8_0>>'}}
  %0 = weft.linear %x, %w
    : tensor<1x?x48xf32>, tensor<32x48x!weft.blocks<#weft.q8_0>> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @storage(%x: tensor<1x?x64xf32>, %w: tensor<32x64xi8>) {
  // expected-error @below {{operand #1 must be variadic of}}
  %0 = weft.linear %x, %w : tensor<1x?x64xf32>, tensor<32x64xi8> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @extra(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>, %e: tensor<64xf32>) {
  // expected-error @below {{expected an extra shaped as a row of out or as out, 'tensor<1x?x32xf32>', but got 'tensor<64xf32>'}}
  %0 = weft.linear %x, %w with %e combine(%a, %b) {
      weft.yield %a : f32
    } : tensor<1x?x64xf32>, tensor<32x64xf32> with tensor<64xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @no_region(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>, %e: tensor<32xf32>) {
  // expected-error @below {{expected one weight and no extras without a combine region but got 1 and 1}}
  %0 = weft.linear %x, %w with %e
    : tensor<1x?x64xf32>, tensor<32x64xf32> with tensor<32xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @arguments(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>) {
  // expected-error @below {{expected combine region with arguments ('f32') but got ('f32', 'f32')}}
  %0 = weft.linear %x, %w combine(%a, %b) {
      weft.yield %a : f32
    } : tensor<1x?x64xf32>, tensor<32x64xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @captured(%x: tensor<1x?x64xf32>, %w: tensor<32x64xf32>, %s: f32) {
  // expected-error @below {{expected combine region to use no values from outside but constants; pass them as extras}}
  %0 = weft.linear %x, %w combine(%a) {
      %1 = arith.mulf %a, %s : f32
      weft.yield %1 : f32
    } : tensor<1x?x64xf32>, tensor<32x64xf32> -> tensor<1x?x32xf32>
  return
}
