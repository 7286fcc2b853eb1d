// RUN: weft-opt %s -split-input-file -weft-derive-step -verify-diagnostics

// A branch that does not say that its regions give the same.
!q = tensor<?x?x8xf32>
func.func @forward(%x: !q {weft.sequence = 1}, %flag: tensor<i1>) -> !q attributes {weft.stream} {
  %0 = tensor.extract %flag[] : tensor<i1>
  // expected-error @+1 {{cannot run by pieces: its region reads what runs along the sequence}}
  %y = scf.if %0 -> !q {
    %1 = math.exp %x : !q
    scf.yield %1 : !q
  } else {
    scf.yield %x : !q
  }
  return %y : !q
}

// -----

// A sum over all tokens that is more than a choice.
!q = tensor<?x?x8xf32>
func.func @forward(%x: !q {weft.sequence = 1}) -> !q attributes {weft.stream} {
  %none = arith.constant dense<0> : tensor<i64>
  // expected-error @+1 {{cannot run by pieces: it reduces along the sequence}}
  %any = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>, affine_map<(b, t, d) -> ()>],
                         iterator_types = ["reduction", "reduction", "reduction"]}
    ins(%x : !q) outs(%none : tensor<i64>) {
    ^bb0(%a: f32, %o: i64):
      %0 = arith.fptosi %a : f32 to i64
      %1 = arith.addi %0, %o : i64
      linalg.yield %1 : i64
  } -> tensor<i64>
  %n = tensor.extract %any[] : tensor<i64>
  %zero = arith.constant 0 : i64
  %flag = arith.cmpi ne, %n, %zero : i64
  %f = arith.sitofp %n : i64 to f32
  %y = scf.if %flag -> !q {
    %1 = math.exp %x : !q
    scf.yield %1 : !q
  } else {
    scf.yield %x : !q
  } {weft.alternatives}
  %z = linalg.generic {indexing_maps = [affine_map<(b, t, d) -> (b, t, d)>], iterator_types = ["parallel", "parallel", "parallel"]}
    outs(%y : !q) {
    ^bb0(%a: f32):
      %0 = arith.addf %a, %f : f32
      linalg.yield %0 : f32
  } -> !q
  return %z : !q
}

// -----

// Keys that only one of the regions computes.
!q = tensor<?x?x4x8xf32>
func.func @forward(%q: !q {weft.sequence = 1}, %f: tensor<i1>) -> !q attributes {weft.stream} {
  %0 = tensor.extract %f[] : tensor<i1>
  %y = scf.if %0 -> !q {
    %k = math.exp %q : !q
    // expected-error @+1 {{cannot run by pieces: among alternatives it keeps other than rows from before them}}
    %1 = weft.attention %q, %k, %q normaliser(#weft.softmax) mask(#weft.causal) : !q, !q, !q -> !q
    scf.yield %1 : !q
  } else {
    scf.yield %q : !q
  } {weft.alternatives}
  return %y : !q
}
