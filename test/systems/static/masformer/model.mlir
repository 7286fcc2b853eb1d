// MASFormer: full attention in one layer, a window of 8 in the other; one cache grows, one is bounded.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %x = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) {weft.name = "layers.0"} : !q, !kv, !kv -> !q
  %y = arith.addf %x, %q : !q
  %out = weft.attention %y, %k, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.window<8>>)
    {weft.name = "layers.1"} : !q, !kv, !kv -> !q
  return %out : !q
}
