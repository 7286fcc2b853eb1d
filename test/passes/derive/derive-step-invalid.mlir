// RUN: weft-opt %s -split-input-file -verify-diagnostics -weft-derive-step

func.func @not_causal(%x: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.attention' op cannot run by pieces: expected a causal mask but got #weft.window<4>}}
  %0 = weft.attention %x, %x, %x normaliser(#weft.softmax) mask(#weft.window<4>)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @mean(%x: tensor<?x8xf32> {weft.sequence = 0}, %zero: tensor<8xf32>)
    -> tensor<8xf32> attributes {weft.stream} {
  // expected-error @below {{'linalg.generic' op cannot run by pieces: it reduces along the sequence}}
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>],
      iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<?x8xf32>) outs(%zero : tensor<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %1 = arith.addf %a, %b : f32
    linalg.yield %1 : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func @unknown(%x: tensor<?x8xf32> {weft.sequence = 0}) -> tensor<8x?xf32> attributes {weft.stream} {
  %shape = arith.constant dense<[8, 1]> : tensor<2xindex>
  // expected-error @below {{'tensor.reshape' op cannot run by pieces: it does not say how}}
  %0 = tensor.reshape %x(%shape) : (tensor<?x8xf32>, tensor<2xindex>) -> tensor<8x?xf32>
  return %0 : tensor<8x?xf32>
}

// -----

func.func @table(%x: tensor<?x8xf32> {weft.sequence = 0}, %table: tensor<?x8xf32>)
    -> tensor<?x8xf32> attributes {weft.stream} {
  // expected-error @below {{'linalg.generic' op cannot run by pieces: operand #0 runs along the sequence but is not computed from it}}
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%table : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %1 = arith.addf %a, %b : f32
    linalg.yield %1 : f32
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

func.func @number(%x: tensor<?x8xindex> {weft.sequence = 0}) -> tensor<?x8xindex> attributes {weft.stream} {
  // expected-error @below {{'linalg.generic' op cannot run by pieces: it computes with the number of the token}}
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} outs(%x : tensor<?x8xindex>) {
  ^bb0(%a: index):
    %1 = linalg.index 0 : index
    linalg.yield %1 : index
  } -> tensor<?x8xindex>
  return %0 : tensor<?x8xindex>
}

// -----

func.func @no_mask(%x: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.attention' op cannot run by pieces: expected a causal mask but got none}}
  %0 = weft.attention %x, %x, %x normaliser(#weft.softmax)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @position(%x: tensor<1x?x2x8xf32> {weft.sequence = 1}, %p: index)
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.rope' op cannot run by pieces: it already has a position}}
  %0 = weft.rope %x at %p pairing <half> frequencies [1.0] : tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @keys(%x: tensor<1x?x2x8xf32> {weft.sequence = 1}, %k: tensor<1x?x2x8xf32>)
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.attention' op cannot run by pieces: expected key to run along the sequence on axis 1}}
  %0 = weft.attention %x, %k, %k normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @linear(%x: tensor<8x?xf32> {weft.sequence = 1}, %w: tensor<4x16xf32>)
    -> tensor<8x4xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.linear' op cannot run by pieces: it reduces along the sequence}}
  %0 = weft.linear %x, %w : tensor<8x?xf32>, tensor<4x16xf32> -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// -----

func.func @extra(%x: tensor<1x?x8xf32> {weft.sequence = 1}, %w: tensor<4x8xf32>,
                 %e: tensor<1x?x4xf32>) -> tensor<1x?x4xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.linear' op cannot run by pieces: expected each extra to run along the sequence on axis 1}}
  %0 = weft.linear %x, %w with %e combine(%a, %b) {
      weft.yield %a : f32
    } : tensor<1x?x8xf32>, tensor<4x8xf32> with tensor<1x?x4xf32> -> tensor<1x?x4xf32>
  return %0 : tensor<1x?x4xf32>
}

// -----

// The number of tokens may be a size, but not a number to compute with.
func.func @length(%x: tensor<1x?x8xf32> {weft.sequence = 1})
    -> tensor<1x?x8xf32> attributes {weft.stream} {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<1x?x8xf32>
  // expected-error @below {{'arith.index_cast' op cannot run by pieces: it computes with the number of tokens}}
  %i = arith.index_cast %n : index to i64
  %f = arith.sitofp %i : i64 to f32
  %t = tensor.splat %f[%n] : tensor<1x?x8xf32>
  %0 = arith.divf %x, %t : tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}

// -----

func.func @length_in_region(%x: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c1 : tensor<1x?x2x8xf32>
  // expected-error @below {{'weft.attention' op cannot run by pieces: its region computes with the number of tokens}}
  %0 = weft.attention %x, %x, %x normaliser(#weft.softmax) mask(#weft.causal)
    score(%s, %b, %h, %i, %j) {
      %1 = arith.index_cast %n : index to i64
      %2 = arith.sitofp %1 : i64 to f32
      %3 = arith.mulf %s, %2 : f32
      weft.yield %3 : f32
    } : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @captured(%x: tensor<1x?x2x8xf32> {weft.sequence = 1})
    -> tensor<1x?x2x8xf32> attributes {weft.stream} {
  // expected-error @below {{'weft.attention' op cannot run by pieces: its region reads what runs along the sequence}}
  %0 = weft.attention %x, %x, %x normaliser(#weft.softmax) mask(#weft.causal)
    score(%s, %b, %h, %i, %j) {
      %1 = tensor.extract %x[%b, %j, %h, %h] : tensor<1x?x2x8xf32>
      %2 = arith.mulf %s, %1 : f32
      weft.yield %2 : f32
    } : tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>, tensor<1x?x2x8xf32>
    -> tensor<1x?x2x8xf32>
  return %0 : tensor<1x?x2x8xf32>
}

// -----

func.func @pooled(%x: tensor<1x?x8xf32> {weft.sequence = 1}) -> tensor<1x8xf32>
    attributes {weft.stream} {
  // expected-error @below {{'tensor.extract_slice' op cannot run by pieces: it reads tokens other than its own}}
  %0 = tensor.extract_slice %x[0, 0, 0] [1, 1, 8] [1, 1, 1]
    : tensor<1x?x8xf32> to tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

func.func @doubled(%x: tensor<1x?x8xf32> {weft.sequence = 1}) -> tensor<1x?x8xf32>
    attributes {weft.stream} {
  // expected-error @below {{'tensor.concat' op cannot run by pieces: it joins sequences}}
  %0 = tensor.concat dim(1) %x, %x
    : (tensor<1x?x8xf32>, tensor<1x?x8xf32>) -> tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}

// -----

func.func @joined(%x: tensor<?x?x8xf32> {weft.sequence = 1}) -> tensor<?x8xf32>
    attributes {weft.stream} {
  // expected-error @below {{'tensor.collapse_shape' op cannot run by pieces: it joins the sequence to other axes}}
  %0 = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x?x8xf32> into tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

func.func @fixed(%x: tensor<1x?x8xf32> {weft.sequence = 1}) -> tensor<1x4x8xf32>
    attributes {weft.stream} {
  // expected-error @below {{'tensor.cast' op cannot run by pieces: it fixes the number of tokens}}
  %0 = tensor.cast %x : tensor<1x?x8xf32> to tensor<1x4x8xf32>
  return %0 : tensor<1x4x8xf32>
}

// -----

func.func @elementwise(%x: tensor<1x?x8xf32> {weft.sequence = 1}, %y: tensor<1x?x8xf32>)
    -> tensor<1x?x8xf32> attributes {weft.stream} {
  // expected-error @below {{'arith.addf' op cannot run by pieces: operand #1 runs along the sequence but is not computed from it}}
  %0 = arith.addf %x, %y : tensor<1x?x8xf32>
  return %0 : tensor<1x?x8xf32>
}

// -----

// expected-error @below {{cannot run by pieces: expected result #0 to run along the sequence}}
func.func @result(%x: tensor<1x?x8xf32> {weft.sequence = 1}, %y: tensor<8xf32>)
    -> tensor<8xf32> attributes {weft.stream} {
  return %y : tensor<8xf32>
}

// -----

// expected-error @below {{cannot run by pieces: expected an argument marked by 'weft.sequence'}}
func.func @unmarked(%x: tensor<1x?x8xf32>) -> tensor<1x?x8xf32> attributes {weft.stream} {
  return %x : tensor<1x?x8xf32>
}

// -----

// expected-error @below {{cannot run by pieces: expected argument #0 to have a dynamic axis 2 but got 'tensor<1x?x8xf32>'}}
func.func @axis(%x: tensor<1x?x8xf32> {weft.sequence = 2}) -> tensor<1x?x8xf32>
    attributes {weft.stream} {
  return %x : tensor<1x?x8xf32>
}

// -----

// expected-error @below {{cannot be derived: there already is a function @step}}
func.func @forward(%x: tensor<1x?x8xf32> {weft.sequence = 1}) -> tensor<1x?x8xf32>
    attributes {weft.stream} {
  return %x : tensor<1x?x8xf32>
}
func.func private @step()

// -----

func.func @bidirectional(%x: tensor<?x?x2x4xf32> {weft.sequence = 1})
    -> tensor<?x?x2x4xf32> attributes {weft.stream} {
  // expected-error @below {{cannot run by pieces: its tokens read the state after the last one}}
  %y, %s = weft.scan %x, %x, %x transition(#weft.accumulate) bidirectional
    : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
    -> tensor<?x?x2x4xf32>, tensor<?x2x4x4xf32>
  return %y : tensor<?x?x2x4xf32>
}
