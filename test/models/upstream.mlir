// Ops of upstream dialects, compiled and compared with NumPy.
// RUN: weft compile %s -q -o %t.weft
// RUN: %python %S/check_upstream.py %t.weft

func.func @matmul(%a: tensor<?x8xf32>, %b: tensor<8x16xf32>) -> tensor<?x16xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%m) : tensor<?x16xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x16xf32>) -> tensor<?x16xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x8xf32>, tensor<8x16xf32>) outs(%f : tensor<?x16xf32>) -> tensor<?x16xf32>
  return %r : tensor<?x16xf32>
}

func.func @pad(%a: tensor<4x8xf32>) -> tensor<6x9xf32> {
  %z = arith.constant 0.0 : f32
  %r = tensor.pad %a low[1, 0] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : f32
  } : tensor<4x8xf32> to tensor<6x9xf32>
  return %r : tensor<6x9xf32>
}

func.func @softmax(%a: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %r = linalg.softmax dimension(1) ins(%a : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

func.func @generate(%a: tensor<4x8xf32>) -> tensor<8x4xf32> {
  %r = tensor.generate {
  ^bb0(%i: index, %j: index):
    %v = tensor.extract %a[%j, %i] : tensor<4x8xf32>
    tensor.yield %v : f32
  } : tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}

func.func @select_case(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = arith.cmpf ogt, %a, %b : tensor<4x8xf32>
  %s = arith.select %c, %a, %b : tensor<4x8xi1>, tensor<4x8xf32>
  return %s : tensor<4x8xf32>
}

func.func @mask_case(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) -> tensor<4x8xi1> {
  %c = arith.cmpf ogt, %a, %b : tensor<4x8xf32>
  return %c : tensor<4x8xi1>
}

func.func @reduce(%a: tensor<4x8xf32>) -> tensor<4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %r = linalg.reduce ins(%a : tensor<4x8xf32>) outs(%f : tensor<4xf32>) dimensions = [1]
    (%in: f32, %out: f32) { %0 = arith.addf %in, %out : f32
      linalg.yield %0 : f32 }
  return %r : tensor<4xf32>
}

func.func @broadcast(%a: tensor<8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %r = linalg.broadcast ins(%a : tensor<8xf32>) outs(%e : tensor<4x8xf32>) dimensions = [0]
  return %r : tensor<4x8xf32>
}

func.func @if_case(%a: tensor<4x8xf32>, %n: tensor<?xf32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %d = tensor.dim %n, %c0 : tensor<?xf32>
  %c = arith.cmpi sgt, %d, %c5 : index
  %r = scf.if %c -> tensor<4x8xf32> {
    %0 = math.exp %a : tensor<4x8xf32>
    scf.yield %0 : tensor<4x8xf32>
  } else {
    scf.yield %a : tensor<4x8xf32>
  }
  return %r : tensor<4x8xf32>
}

func.func @elements(%a: tensor<4xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tensor.extract %a[%c0] : tensor<4xf32>
  %y = tensor.extract %a[%c1] : tensor<4xf32>
  %r = tensor.from_elements %x, %y : tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @splat(%a: tensor<4xf32>) -> tensor<2xf32> {
  %c0 = arith.constant 0 : index
  %x = tensor.extract %a[%c0] : tensor<4xf32>
  %r = tensor.splat %x : tensor<2xf32>
  return %r : tensor<2xf32>
}

func.func @loop_case(%a: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r:2 = scf.for %i = %c0 to %c4 step %c1 iter_args(%x = %a, %y = %a) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
    %0 = math.exp %x : tensor<4x8xf32>
    scf.yield %y, %0 : tensor<4x8xf32>, tensor<4x8xf32>
  }
  return %r#0 : tensor<4x8xf32>
}

func.func @same(%a: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %0 = math.exp %a : tensor<4x8xf32>
  return %0, %0 : tensor<4x8xf32>, tensor<4x8xf32>
}

func.func @constant_case() -> tensor<4xf32> {
  %0 = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @conv(%a: tensor<1x8x4xf32>, %f: tensor<3x4x5xf32>) -> tensor<1x6x5xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x6x5xf32>
  %i = linalg.fill ins(%z : f32) outs(%e : tensor<1x6x5xf32>) -> tensor<1x6x5xf32>
  %r = linalg.conv_1d_nwc_wcf ins(%a, %f : tensor<1x8x4xf32>, tensor<3x4x5xf32>) outs(%i : tensor<1x6x5xf32>) -> tensor<1x6x5xf32>
  return %r : tensor<1x6x5xf32>
}

func.func @int_case(%a: tensor<4xi64>) -> tensor<4xf32> {
  %0 = arith.sitofp %a : tensor<4xi64> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func @insert_case(%a: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %x = arith.constant 3.0 : f32
  %0 = tensor.insert %x into %a[%c0] : tensor<4xf32>
  return %0 : tensor<4xf32>
}
