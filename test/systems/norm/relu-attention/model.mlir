// ReLU attention: relu(q k / sqrt(d)) v / L, without maximum or sum.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v normaliser(#weft.relu_mean) : !q, !kv, !kv -> !q
  return %out : !q
}
