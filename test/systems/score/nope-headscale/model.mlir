// NoPE HeadScale: no positions; each head has its own temperature.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %lambda: tensor<4xf32> {weft.name = "temperature"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %l = tensor.extract %lambda[%h] : tensor<4xf32>
        %0 = arith.mulf %s, %l : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
