// RUN: weft-opt %s -split-input-file -verify-diagnostics

!q = tensor<1x?x4x8xf32>
func.func @power(%q: !q) {
  // expected-error @below {{expected an even exponent of at least 2 but got 3}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.power<3, 0.0>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @entmax(%q: !q) {
  // expected-error @below {{expected an alpha above 1 but got 1.000000e+00 : f64}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.entmax<1.0>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @top_k(%q: !q) {
  // expected-error @below {{expected at least 1 key but got 0}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.top_k<0>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @relu(%q: !q) {
  // expected-error @below {{expected a power of at least 1 but got 0}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.relu<0, 1.0>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @chunk(%q: !q) {
  // expected-error @below {{expected a block of at least 1 token and an offset below it but got 4 and 4}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax) mask(#weft.chunk<4, 4>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @every(%q: !q) {
  // expected-error @below {{expected a stride of at least 1 but got 0}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax) mask(#weft.every<0>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @blocks(%q: !q) {
  // expected-error @below {{expected lists of numbers of blocks but got 1 : i64}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax) mask(#weft.block_list<4, [1]>) : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @rows(%q: !q, %r: tensor<1x?x3xf32>) {
  // expected-error @below {{expected row with 1 or 4 heads but got 'tensor<1x?x3xf32>'}}
  %0 = weft.attention %q, %q, %q rows %r normaliser(#weft.softmax) : !q, !q, !q rows tensor<1x?x3xf32> -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @arguments(%q: !q, %r: tensor<1x?x1xf32>) {
  // expected-error @below {{expected score region with arguments}}
  %0 = weft.attention %q, %q, %q rows %r normaliser(#weft.softmax) score(%s, %b, %h, %i, %j) {
      weft.yield %s : f32
    } : !q, !q, !q rows tensor<1x?x1xf32> -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @allowed(%q: !q) {
  %x = arith.constant 1.0 : f32
  // expected-error @below {{expected allowed region to yield 'i1' but got 'f32'}}
  %0 = weft.attention %q, %q, %q normaliser(#weft.softmax) allowed(%b, %h, %i, %j, %d) {
      weft.yield %x : f32
    } : !q, !q, !q -> !q
  return
}

// -----

!q = tensor<1x?x4x8xf32>
func.func @merge(%q: !q, %l: tensor<1x2x?xf32>) {
  // expected-error @below {{expected lse with 4 heads as out but got 2}}
  %0, %1 = weft.merge %q by %l : !q by tensor<1x2x?xf32> -> !q, tensor<1x2x?xf32>
  return
}

// -----

func.func @places(%x: tensor<1x8xf32>) {
  // expected-error @below {{expected places shaped as values but got 'tensor<1x3xi64>'}}
  %v, %p = weft.top_k %x : tensor<1x8xf32> -> tensor<1x2xf32>, tensor<1x3xi64>
  return
}
