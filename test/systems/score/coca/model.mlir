// CoCA: keys collinear with the query; as plain attention of rope(|q|^2, 0) and rope(relu(t), 0).
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: tensor<?x?x2x4xf32> {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %zero = arith.constant 0.0 : f32
  %zq = tensor.splat %zero[%b, %n] : tensor<?x?x4x4xf32>
  %zk = tensor.splat %zero[%b, %n] : tensor<?x?x2x4xf32>
  %q0 = tensor.extract_slice %q[0, 0, 0, 0] [%b, %n, 4, 4] [1, 1, 1, 1] : !q to tensor<?x?x4x4xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 4] [%b, %n, 4, 4] [1, 1, 1, 1] : !q to tensor<?x?x4x4xf32>
  %q00 = arith.mulf %q0, %q0 : tensor<?x?x4x4xf32>
  %q11 = arith.mulf %q1, %q1 : tensor<?x?x4x4xf32>
  %size = arith.addf %q00, %q11 : tensor<?x?x4x4xf32>
  %t = arith.maximumf %k, %zk : tensor<?x?x2x4xf32>
  %qc = tensor.concat dim(3) %size, %zq : (tensor<?x?x4x4xf32>, tensor<?x?x4x4xf32>) -> !q
  %kc = tensor.concat dim(3) %t, %zk : (tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>) -> !kv
  %qr = weft.rope %qc pairing <half> frequencies [1.0, 0.1, 0.01, 0.001] : !q
  %kr = weft.rope %kc pairing <half> frequencies [1.0, 0.1, 0.01, 0.001] : !kv
  %out = weft.attention %qr, %kr, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !kv, !kv -> !q
  return %out : !q
}
