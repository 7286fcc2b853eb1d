// URPE: the softmax times a learned Toeplitz matrix C[i - j], so that rows no longer sum to one.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %toeplitz: tensor<4x64xf32> {weft.name = "c"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c63 = arith.constant 63 : index
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) post(%w, %b, %h, %i, %j) {
        %d = arith.subi %i, %j : index
        %back = arith.maxsi %d, %c0 : index
        %near = arith.minsi %back, %c63 : index
        %c = tensor.extract %toeplitz[%h, %near] : tensor<4x64xf32>
        %0 = arith.mulf %w, %c : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
