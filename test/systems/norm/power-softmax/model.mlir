// Power-softmax: x^4 / (epsilon + sum x^4) of scores scaled by a bound that does not depend on the length.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.power<4, 1.0e-3>) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %bound = arith.constant 0.25 : f32
        %0 = arith.mulf %s, %bound : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
