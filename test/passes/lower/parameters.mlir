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

// -----

// What is stacked in one function is not packed again for another: a part of a stack
// that begins with a panel is a view.
weft.parameter @q : tensor<96x64xf32> in "m" at 0
weft.parameter @k : tensor<32x64xf32> in "m" at 24576
weft.parameter @v : tensor<32x64xf32> in "m" at 32768

func.func @whole(%x: tensor<1x64xf32>) -> tensor<1x160xf32> {
  %q = weft.use @q : tensor<96x64xf32>
  %k = weft.use @k : tensor<32x64xf32>
  %v = weft.use @v : tensor<32x64xf32>
  %w = tensor.concat dim(0) %q, %k, %v
    : (tensor<96x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
    -> tensor<160x64xf32>
  %0 = weft.linear %x, %w
    : tensor<1x64xf32>, tensor<160x64xf32> -> tensor<1x160xf32>
  return %0 : tensor<1x160xf32>
}
func.func @parts(%x: tensor<1x64xf32>)
    -> (tensor<1x96xf32>, tensor<1x64xf32>, tensor<1x32xf32>) {
  %q = weft.use @q : tensor<96x64xf32>
  %k = weft.use @k : tensor<32x64xf32>
  %v = weft.use @v : tensor<32x64xf32>
  %w = tensor.concat dim(0) %k, %v
    : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<64x64xf32>
  %0 = weft.linear %x, %q
    : tensor<1x64xf32>, tensor<96x64xf32> -> tensor<1x96xf32>
  %1 = weft.linear %x, %w
    : tensor<1x64xf32>, tensor<64x64xf32> -> tensor<1x64xf32>
  %2 = weft.linear %x, %v
    : tensor<1x64xf32>, tensor<32x64xf32> -> tensor<1x32xf32>
  return %0, %1, %2 : tensor<1x96xf32>, tensor<1x64xf32>, tensor<1x32xf32>
}

// CHECK-LABEL: program.function @parts
// CHECK-DAG: %[[STACK:.*]] = program.use_parameter @q.packed : memref<49152xi8>
// CHECK-DAG: %[[V:.*]] = program.use_parameter @v.packed
// CHECK-DAG: %[[Q:.*]] = program.view %[[STACK]] at %c0 sizes() strides() : memref<49152xi8> to memref<24576xi8>
// CHECK: program.launch @linear_{{.*}} buffers(%{{.*}}, %[[Q]], %{{.*}})
// CHECK: %[[KV:.*]] = program.view %[[STACK]] at %c24576 sizes() strides() : memref<49152xi8> to memref<24576xi8>
// CHECK: program.launch @linear_{{.*}} buffers(%{{.*}}, %[[KV]], %{{.*}})
// CHECK: program.launch @linear_{{.*}} buffers(%{{.*}}, %[[V]], %{{.*}})
// CHECK: program.parameter @q.packed : {{.*}} from [@q, @k, @v]
// CHECK: program.parameter @v.packed : {{.*}} from [@v]
