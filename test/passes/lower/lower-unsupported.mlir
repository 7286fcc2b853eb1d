// RUN: weft-opt %s -weft-lower-to-program -split-input-file -verify-diagnostics -allow-unregistered-dialect

// A size of the result that no input gives.
// expected-error @+1 {{expected axis 1 of result #0 to be sized by an input but no input has 'tokens'}}
func.func @unsized(%x: tensor<?x4xf32>) -> tensor<?x?xf32> {
  %0 = tensor.cast %x : tensor<?x4xf32> to tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// expected-error @+1 {{expected argument #0 to be a tensor but got 'index'}}
func.func @scalar(%n: index) -> tensor<4xf32> {
  %0 = tensor.empty() : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A state that grows is read through weft.append alone.
// expected-error @+1 {{expected one 'weft.append' to read state 'key' and nothing else}}
func.func @raw(%s: tensor<1x8x4xf32> {weft.state = #weft.state<"key", append>},
               %at: index {weft.position}) -> (tensor<1x8x4xf32> {weft.name = "y"},
    tensor<1x8x4xf32> {weft.state = #weft.state<"key", append>}) {
  %0 = math.exp %s : tensor<1x8x4xf32>
  return %0, %s : tensor<1x8x4xf32>, tensor<1x8x4xf32>
}

// -----

// One state, two shapes.
func.func @one(%s: tensor<1x8xf32> {weft.state = #weft.state<"scan", fixed>},
               %at: index {weft.position})
    -> (tensor<1x8xf32> {weft.state = #weft.state<"scan", fixed>}) {
  return %s : tensor<1x8xf32>
}
// expected-error @+1 {{expected state 'scan' of type 'memref<1x8xf32>' but got 'memref<1x9xf32>'}}
func.func @other(%s: tensor<1x9xf32> {weft.state = #weft.state<"scan", fixed>},
                 %at: index {weft.position})
    -> (tensor<1x9xf32> {weft.state = #weft.state<"scan", fixed>}) {
  return %s : tensor<1x9xf32>
}

// -----

func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{has no lowering to launches}}
  %0 = "other.op"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Half of the tokens are not as many as there are tokens.
// expected-error @+1 {{expected axis 1 of result #0 to have the size that its name says}}
func.func @half(%x: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c1 : tensor<1x?x4xf32>
  %h = arith.ceildivsi %t, %c2 : index
  %0 = tensor.extract_slice %x[0, 0, 0] [1, %h, 4] [1, 2, 1]
    : tensor<1x?x4xf32> to tensor<1x?x4xf32>
  %1 = math.exp %0 : tensor<1x?x4xf32>
  return %1 : tensor<1x?x4xf32>
}

// -----

// A size that a region reads.
func.func @inside(%x: tensor<8x4xf32>, %f: tensor<i1>, %g: tensor<i64>, %k: tensor<i64>, %b: tensor<?xf32>) -> tensor<?x4xf32> {
  %flag = tensor.extract %f[] : tensor<i1>
  // expected-error @+1 {{expected sizes of result #0 that are known before its regions}}
  %y = scf.if %flag -> tensor<?x4xf32> {
    %m = tensor.extract %g[] : tensor<i64>
    %h = arith.index_cast %m : i64 to index
    %0 = tensor.extract_slice %x[0, 0] [%h, 4] [1, 1] : tensor<8x4xf32> to tensor<?x4xf32>
    scf.yield %0 : tensor<?x4xf32>
  } else {
    %m = tensor.extract %k[] : tensor<i64>
    %h = arith.index_cast %m : i64 to index
    %0 = tensor.extract_slice %x[0, 0] [%h, 4] [1, 1] : tensor<8x4xf32> to tensor<?x4xf32>
    scf.yield %0 : tensor<?x4xf32>
  }
  return %y : tensor<?x4xf32>
}

// -----

// Two sizes.
func.func @sizes(%x: tensor<?x4xf32>, %z: tensor<?x4xf32> {weft.symbols = ["other", ""]}, %f: tensor<i1>) -> tensor<?x4xf32> {
  %flag = tensor.extract %f[] : tensor<i1>
  // expected-error @+1 {{expected regions that give result #0 the same sizes}}
  %y = scf.if %flag -> tensor<?x4xf32> {
    scf.yield %x : tensor<?x4xf32>
  } else {
    scf.yield %z : tensor<?x4xf32>
  }
  return %y : tensor<?x4xf32>
}
