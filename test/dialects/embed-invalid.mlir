// RUN: weft-opt %s -split-input-file -verify-diagnostics

func.func @channels(%ids: tensor<1x?xi64>, %table: tensor<8x64xf32>) {
  // expected-error @below {{expected out with 64 channels as table but got 32}}
  %0 = weft.embed %ids, %table : tensor<1x?xi64>, tensor<8x64xf32> -> tensor<1x?x32xf32>
  return
}

// -----

func.func @ids(%ids: tensor<1x?xi64>, %table: tensor<8x64xf32>) {
  // expected-error @below {{expected out with 1 ids as ids but got 2}}
  %0 = weft.embed %ids, %table : tensor<1x?xi64>, tensor<8x64xf32> -> tensor<2x?x64xf32>
  return
}

// -----

func.func @rank(%ids: tensor<1x?xi64>, %table: tensor<8x64xf32>) {
  // expected-error @below {{expected an out of rank 3, one more than ids, but got 'tensor<?x64xf32>'}}
  %0 = weft.embed %ids, %table : tensor<1x?xi64>, tensor<8x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @empty(%ids: tensor<1x?xi64>, %table: tensor<0x64xf32>) {
  // expected-error @below {{expected a table of rows x channels of static shape with at least one row but got 'tensor<0x64xf32>'}}
  %0 = weft.embed %ids, %table : tensor<1x?xi64>, tensor<0x64xf32> -> tensor<1x?x64xf32>
  return
}

// -----

func.func @blocks(%ids: tensor<1x?xi64>, %table: tensor<8x64x!weft.blocks<#weft.q6_k>>) {
  // expected-error @below {{expected a last axis of whole blocks of 256 numbers}}
  %0 = weft.embed %ids, %table
    : tensor<1x?xi64>, tensor<8x64x!weft.blocks<#weft.q6_k>> -> tensor<1x?x64xf32>
  return
}
