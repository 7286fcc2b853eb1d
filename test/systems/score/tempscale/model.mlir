// TempScale: an encoder with softmax(q k / (t sqrt(d))), t = 0.8.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) scale(0.44194174) : !q, !kv, !kv -> !q
  return %out : !q
}
