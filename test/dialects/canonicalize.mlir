// RUN: weft-opt %s -canonicalize -split-input-file | FileCheck %s

// Positions of 0 and keys that are all valid are what an op has without them.
// CHECK-LABEL: func.func @defaults(
func.func @defaults(%ids: tensor<1x4xi64>, %x: tensor<1x4x2x8xf32>)
    -> (tensor<1x4xi64>, tensor<1x4x2x8xf32>) {
  %c0 = arith.constant 0 : index
  %valid = arith.constant dense<1> : tensor<1x4xi64>
  // CHECK: weft.positions %{{.*}} : tensor<1x4xi64>
  %0 = weft.positions %ids at %c0 : tensor<1x4xi64>
  // CHECK: weft.rope %{{.*}} pairing
  %1 = weft.rope %x at %c0 pairing <half> frequencies [1.0] : tensor<1x4x2x8xf32>
  // CHECK: weft.attention %{{.*}}, %{{.*}}, %{{.*}} normaliser
  %2 = weft.attention %1, %x, %x valid %valid at %c0 keys_at %c0
    normaliser(#weft.softmax)
    : tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>
      valid tensor<1x4xi64> -> tensor<1x4x2x8xf32>
  return %0, %2 : tensor<1x4xi64>, tensor<1x4x2x8xf32>
}

// -----

// Sizes that casts know flow through every op.
// CHECK-LABEL: func.func @casts(
func.func @casts(%ids: tensor<1x4xi64>, %t: tensor<8x6xf32>, %w: tensor<12x6xf32>,
                 %f: tensor<12x3xf32>, %taps: tensor<1x2x12xf32>,
                 %state: tensor<1x2x6x6xf32>, %cache: tensor<1x8x2x6xf32>, %p: index)
    -> (tensor<?x?x2x6xf32>, tensor<?x2x12xf32>, tensor<?x2x6x6xf32>) {
  %c2 = arith.constant 2 : index
  // CHECK-NOT: tensor.cast %arg
  %0 = tensor.cast %ids : tensor<1x4xi64> to tensor<?x?xi64>
  // CHECK: weft.positions {{.*}} : tensor<1x4xi64>
  %1 = weft.positions %0 : tensor<?x?xi64>
  // CHECK: weft.embed {{.*}} -> tensor<1x4x6xf32>
  %2 = weft.embed %1, %t : tensor<?x?xi64>, tensor<8x6xf32> -> tensor<?x?x6xf32>
  // CHECK: weft.norm<rms> {{.*}} : tensor<1x4x6xf32>
  %3 = weft.norm<rms> %2 epsilon 0.1 : tensor<?x?x6xf32>
  // CHECK: weft.linear {{.*}} -> tensor<1x4x12xf32>
  %4 = weft.linear %3, %w : tensor<?x?x6xf32>, tensor<12x6xf32> -> tensor<?x?x12xf32>
  // CHECK: weft.short_conv {{.*}} from %{{.*}} : {{.*}} -> tensor<1x4x12xf32>, tensor<1x2x12xf32>
  %5 = tensor.cast %taps : tensor<1x2x12xf32> to tensor<?x2x12xf32>
  %6, %7 = weft.short_conv %4, %f from %5
    : tensor<?x?x12xf32>, tensor<12x3xf32> -> tensor<?x?x12xf32>, tensor<?x2x12xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %0, %c0 : tensor<?x?xi64>
  %n = tensor.dim %0, %c1 : tensor<?x?xi64>
  %8 = tensor.expand_shape %6 [[0], [1], [2, 3]] output_shape [%b, %n, 2, 6]
    : tensor<?x?x12xf32> into tensor<?x?x2x6xf32>
  // CHECK: weft.rope {{.*}} : tensor<1x4x2x6xf32>
  %9 = weft.rope %8 pairing <half> frequencies [1.0] : tensor<?x?x2x6xf32>
  // CHECK: weft.append<append> %{{.*}} : tensor<1x4x2x6xf32> to tensor<1x8x2x6xf32>
  %seen, %first, %next = weft.append<append> %9 to %cache at %p
    : tensor<?x?x2x6xf32> to tensor<1x8x2x6xf32> -> tensor<1x?x2x6xf32>
  // CHECK: weft.attention {{.*}} -> tensor<1x4x2x6xf32>
  %10 = weft.attention %9, %seen, %seen normaliser(#weft.softmax)
    : tensor<?x?x2x6xf32>, tensor<1x?x2x6xf32>, tensor<1x?x2x6xf32> -> tensor<?x?x2x6xf32>
  // CHECK: weft.scan {{.*}} from %{{.*}} -> tensor<1x4x2x6xf32>, tensor<1x2x6x6xf32>
  %11 = tensor.cast %state : tensor<1x2x6x6xf32> to tensor<?x2x6x6xf32>
  %12, %13 = weft.scan %10, %10, %10 transition(#weft.decay<vector> gates %10) from %11
    : tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>,
      tensor<?x?x2x6xf32> -> tensor<?x?x2x6xf32>, tensor<?x2x6x6xf32>
  return %12, %7, %13 : tensor<?x?x2x6xf32>, tensor<?x2x12xf32>, tensor<?x2x6x6xf32>
}

// -----

// What only the state knows, the result knows too.
// CHECK-LABEL: func.func @initial(
func.func @initial(%x: tensor<?x?x2x6xf32>, %state: tensor<1x2x6x6xf32>)
    -> tensor<?x2x6x6xf32> {
  // CHECK: weft.scan {{.*}} from %arg1 : {{.*}} -> tensor<?x?x2x6xf32>, tensor<1x2x6x6xf32>
  %0 = tensor.cast %state : tensor<1x2x6x6xf32> to tensor<?x2x6x6xf32>
  %1, %2 = weft.scan %x, %x, %x transition(#weft.decay<vector> gates %x) from %0
    : tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>,
      tensor<?x?x2x6xf32> -> tensor<?x?x2x6xf32>, tensor<?x2x6x6xf32>
  return %2 : tensor<?x2x6x6xf32>
}
