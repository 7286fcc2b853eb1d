// RUN: weft-opt %s -split-input-file -verify-diagnostics -weft-derive-step

!q = tensor<?x?x4x8xf32>
func.func @mass(%q: !q {weft.sequence = 1}) -> (!q, tensor<?x4x?xf32>) attributes {weft.stream} {
  // expected-error @below {{cannot run by pieces: column_mass is a sum over queries to come}}
  %o, %m = weft.attention %q, %q, %q normaliser(#weft.softmax) mask(#weft.causal) : !q, !q, !q -> !q mass tensor<?x4x?xf32>
  return %o, %m : !q, tensor<?x4x?xf32>
}

// -----

!q = tensor<?x?x4x8xf32>
func.func @columns(%q: !q {weft.sequence = 1}, %c: tensor<1x7x1xf32>) -> !q attributes {weft.stream} {
  // expected-error @below {{cannot run by pieces: expected data of queries and keys to run along the sequence on axis 1}}
  %o = weft.attention %q, %q, %q columns %c normaliser(#weft.softmax) mask(#weft.causal) : !q, !q, !q columns tensor<1x7x1xf32> -> !q
  return %o : !q
}
