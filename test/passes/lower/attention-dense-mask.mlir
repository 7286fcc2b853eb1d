// RUN: weft-opt %s -weft-lower-to-program=explain=true -split-input-file | FileCheck %s

// What ranges of positions tell is left out, and nothing is said of it.
// CHECK-LABEL: program.function @window
// CHECK-NOT: note =
// CHECK: ^bb0
func.func @window(%q: tensor<1x?x4x8xf32>) -> tensor<1x?x4x8xf32> {
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.window<256>>)
    : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>
    -> tensor<1x?x4x8xf32>
  return %0 : tensor<1x?x4x8xf32>
}

// -----

// So too of a region, though it reads a table of pairs: no key is a later one.
// CHECK-LABEL: program.function @causal_table
// CHECK-NOT: note =
// CHECK: ^bb0
weft.parameter @table : tensor<64x64xi1> in "m" at 0
func.func @causal_table(%q: tensor<1x64x4x8xf32>) -> tensor<1x64x4x8xf32> {
  %table = weft.use @table : tensor<64x64xi1>
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    allowed(%b, %h, %i, %j, %d) {
      %open = tensor.extract %table[%i, %j] : tensor<64x64xi1>
      %past = arith.cmpi sle, %j, %i : index
      %both = arith.andi %open, %past : i1
      weft.yield %both : i1
    } : tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>
    -> tensor<1x64x4x8xf32>
  return %0 : tensor<1x64x4x8xf32>
}

// -----

// Of data alone nothing is known before it is read.
// CHECK-LABEL: program.function @table_alone
// CHECK-SAME: at = "blocks.0", {{.*}} lowering = "attention", note = "the mask leaves out no tile: each is evaluated", op = "weft.attention"
weft.parameter @table : tensor<64x64xi1> in "m" at 0
func.func @table_alone(%q: tensor<1x64x4x8xf32>) -> tensor<1x64x4x8xf32> {
  %table = weft.use @table : tensor<64x64xi1>
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    allowed(%b, %h, %i, %j, %d) {
      %open = tensor.extract %table[%i, %j] : tensor<64x64xi1>
      weft.yield %open : i1
    } : tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>, tensor<1x64x4x8xf32>
    -> tensor<1x64x4x8xf32> loc("blocks.0")
  return %0 : tensor<1x64x4x8xf32>
}

// -----

// Products of positions run over all remainders within a few of them.
// CHECK-LABEL: program.function @scattered
// CHECK-SAME: note = "the mask leaves out no tile: each is evaluated"
func.func @scattered(%q: tensor<1x?x4x8xf32>) -> tensor<1x?x4x8xf32> {
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax)
    mask(#weft.where<affine_map<(i, j, d) -> ((i * 7 + j * 5) mod 11 - 8)>>)
    : tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>, tensor<1x?x4x8xf32>
    -> tensor<1x?x4x8xf32>
  return %0 : tensor<1x?x4x8xf32>
}
