// RUN: weft-opt %s -weft-lower-to-program -split-input-file | FileCheck %s

// What is computed from parameters alone is computed when they are packed, and equal
// requests are one parameter.
weft.parameter @a_log : tensor<16xf32> in "m" at 0
weft.parameter @w : tensor<64x96xf16> in "m" at 64

func.func @computed(%x: tensor<4x64xf32>, %y: tensor<4x16xf32>)
    -> (tensor<4x96xf32>, tensor<4x16xf32>) {
  %a = weft.use @a_log : tensor<16xf32>
  %e = math.exp %a : tensor<16xf32>
  %n = arith.negf %e : tensor<16xf32>
  %s = weft.norm<rms> %y scale %n shift %n epsilon 1.0e-05
    : tensor<4x16xf32> scale tensor<16xf32> shift tensor<16xf32>
  %w = weft.use @w : tensor<64x96xf16>
  %f = weft.dequantize %w : tensor<64x96xf16> -> tensor<64x96xf32>
  %empty = tensor.empty() : tensor<96x64xf32>
  %t = linalg.transpose ins(%f : tensor<64x96xf32>)
    outs(%empty : tensor<96x64xf32>) permutation = [1, 0]
  %l = weft.linear %x, %t
    : tensor<4x64xf32>, tensor<96x64xf32> -> tensor<4x96xf32>
  return %l, %s : tensor<4x96xf32>, tensor<4x16xf32>
}

// CHECK-LABEL: program.function @computed
// CHECK: program.launch @norm_0 tasks({{.*}}) buffers(%{{.*}}, %[[N:.*]], %[[N]], %{{.*}})
// CHECK: program.parameter @a_log.packed : #program.rows<tensor<16xf32>> from [@a_log] compute {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<16xf32>):
// CHECK: math.exp
// CHECK: arith.negf
// CHECK: program.yield
// CHECK: program.parameter @w.packed : #program.panels<96 by 64 of f32, width 48> from [@w] compute {
// CHECK-NEXT: ^bb0(%[[W:.*]]: tensor<64x96xf32>):
// CHECK-NOT: weft.dequantize
// CHECK: linalg.transpose ins(%[[W]]

// -----

// Weights that are stacked, in blocks.
weft.parameter @q : tensor<64x64x!weft.blocks<#weft.q8_0>> in "m" at 0
weft.parameter @k : tensor<32x64x!weft.blocks<#weft.q8_0>> in "m" at 4352

func.func @stacked(%x: tensor<1x64xf32>) -> tensor<1x96xf32> {
  %q = weft.use @q : tensor<64x64x!weft.blocks<#weft.q8_0>>
  %k = weft.use @k : tensor<32x64x!weft.blocks<#weft.q8_0>>
  %w = tensor.concat dim(0) %q, %k
    : (tensor<64x64x!weft.blocks<#weft.q8_0>>,
       tensor<32x64x!weft.blocks<#weft.q8_0>>)
    -> tensor<96x64x!weft.blocks<#weft.q8_0>>
  %0 = weft.linear %x, %w
    : tensor<1x64xf32>, tensor<96x64x!weft.blocks<#weft.q8_0>>
    -> tensor<1x96xf32>
  return %0 : tensor<1x96xf32>
}

// CHECK-LABEL: program.function @stacked
// CHECK: program.parameter @q.packed : #program.panels<96 by 64 of !weft.blocks<#weft.q8_0>, width 48> from [@q, @k]

// -----

// A constant is data; zeros for a sum are no parameter.
func.func @constant(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = weft.norm<layer> %x scale %c epsilon 1.0e-05
    : tensor<4xf32> scale tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: program.function @constant
// CHECK: program.parameter @table.packed : #program.rows<tensor<4xf32>> data dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
