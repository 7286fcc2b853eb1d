// The bias of FIRE. `%c` holds the scale under the logarithm and the threshold L.
weft.import "scores.mlir"

func.func private @fire_input(%i: index, %j: index, %c: tensor<2xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %scale = tensor.extract %c[%c0] : tensor<2xf32>
  %least = tensor.extract %c[%c1] : tensor<2xf32>
  %d = func.call @distance(%i, %j) : (index, index) -> f32
  %far = arith.maximumf %d, %zero : f32
  %0 = arith.mulf %far, %scale : f32
  %1 = math.log1p %0 : f32
  %x = func.call @number(%i) : (index) -> f32
  %2 = arith.maximumf %x, %least : f32
  %3 = arith.mulf %2, %scale : f32
  %4 = math.log1p %3 : f32
  %5 = arith.divf %1, %4 : f32
  return %5 : f32
}

/// sum_m w2[h, m] relu(w1[m] x + b1[m])
func.func private @mlp4(%x: f32, %w1: tensor<4xf32>, %b1: tensor<4xf32>, %w2: tensor<4x4xf32>, %h: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %0 = func.call @unit(%x, %w1, %b1, %w2, %h, %c0) : (f32, tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>, index, index) -> f32
  %1 = func.call @unit(%x, %w1, %b1, %w2, %h, %c1) : (f32, tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>, index, index) -> f32
  %2 = func.call @unit(%x, %w1, %b1, %w2, %h, %c2) : (f32, tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>, index, index) -> f32
  %3 = func.call @unit(%x, %w1, %b1, %w2, %h, %c3) : (f32, tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>, index, index) -> f32
  %4 = arith.addf %0, %1 : f32
  %5 = arith.addf %2, %3 : f32
  %6 = arith.addf %4, %5 : f32
  return %6 : f32
}

func.func private @unit(%x: f32, %w1: tensor<4xf32>, %b1: tensor<4xf32>, %w2: tensor<4x4xf32>, %h: index, %m: index) -> f32 {
  %a = tensor.extract %w1[%m] : tensor<4xf32>
  %b = tensor.extract %b1[%m] : tensor<4xf32>
  %c = tensor.extract %w2[%h, %m] : tensor<4x4xf32>
  %0 = arith.mulf %x, %a : f32
  %1 = arith.addf %0, %b : f32
  %2 = func.call @relu(%1) : (f32) -> f32
  %3 = arith.mulf %2, %c : f32
  return %3 : f32
}
