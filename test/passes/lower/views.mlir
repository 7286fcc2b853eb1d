// RUN: weft-opt %s -weft-lower-to-program -split-input-file | FileCheck %s

// Slices, splits and transposes move nothing: the kernel reads by strides.
func.func @heads(%x: tensor<1x?x96xf32> {weft.sequence = 1})
    -> tensor<1x?x2x16xf32> {
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c1 : tensor<1x?x96xf32>
  %k = tensor.extract_slice %x[0, 0, 64] [1, %t, 32] [1, 1, 1]
    : tensor<1x?x96xf32> to tensor<1x?x32xf32>
  %h = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, %t, 2, 16]
    : tensor<1x?x32xf32> into tensor<1x?x2x16xf32>
  %r = weft.rope %h pairing<half> frequencies [1.0] : tensor<1x?x2x16xf32>
  return %r : tensor<1x?x2x16xf32>
}

// CHECK-LABEL: program.function @heads
// CHECK: ^bb0(%[[X:.*]]: memref<1x?x96xf32>, %[[OUT:.*]]: memref<1x?x2x16xf32>):
// CHECK: %[[VIEW:.*]] = program.view %[[X]] at %c64 sizes(%{{.*}}) strides() : memref<1x?x96xf32> to memref<1x?x2x16xf32, strided<[96, 96, 16, 1]>>
// CHECK: program.launch @rope_0 tasks({{.*}}) buffers(%[[VIEW]], %{{.*}}, %[[OUT]])

// -----

// Axes that do not lie evenly cannot be joined without a copy.
func.func @uneven(%x: tensor<?x?x96xf32>) -> tensor<8x8xf32> {
  %k = tensor.extract_slice %x[0, 0, 0] [2, 4, 8] [1, 1, 1]
    : tensor<?x?x96xf32> to tensor<2x4x8xf32>
  %m = tensor.collapse_shape %k [[0, 1], [2]]
    : tensor<2x4x8xf32> into tensor<8x8xf32>
  %e = math.exp %m : tensor<8x8xf32>
  return %e : tensor<8x8xf32>
}

// CHECK-LABEL: program.function @uneven
// CHECK: program.alloc() : memref<2x4x8xf32>
// CHECK: program.launch @generic_0 {{.*}} label "copy"
// CHECK: program.launch @generic_1

// -----

// Inputs of a concat are computed in their part of it.
func.func @joined(%x: tensor<1x4x8xf32>, %w: tensor<1x4x8xf32>)
    -> tensor<1x4x24xf32> {
  %a = weft.norm<rms> %x epsilon 1.0e-05 : tensor<1x4x8xf32>
  %b = math.exp %w : tensor<1x4x8xf32>
  %0 = tensor.concat dim(2) %a, %b, %x
    : (tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>)
    -> tensor<1x4x24xf32>
  return %0 : tensor<1x4x24xf32>
}

// CHECK-LABEL: program.function @joined
// CHECK: ^bb0(%[[X:.*]]: memref<1x4x8xf32>, %[[W:.*]]: memref<1x4x8xf32>, %[[OUT:.*]]: memref<1x4x24xf32>):
// CHECK: %[[A:.*]] = program.view %[[OUT]] at %c0 sizes() strides() : memref<1x4x24xf32> to memref<4x8xf32, strided<[24, 1]>>
// CHECK: program.launch @norm_0 {{.*}} buffers(%{{.*}}, %[[A]])
// CHECK: %[[B:.*]] = program.view %[[OUT]] at %c8 sizes() strides() : memref<1x4x24xf32> to memref<4x8xf32, strided<[24, 1]>>
// CHECK: program.launch @generic_0 {{.*}} buffers(%{{.*}}, %[[B]])
// CHECK: %[[C:.*]] = program.view %[[OUT]] at %c16
// CHECK: program.launch @generic_1 {{.*}} buffers(%{{.*}}, %[[C]]) {{.*}} label "copy"
