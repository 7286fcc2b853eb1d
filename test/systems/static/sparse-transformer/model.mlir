// Sparse transformer: the strided pattern and the fixed one (c = 2), for blocks of 8.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}, !q {weft.name = "fixed"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.or<#weft.window<8>, #weft.every<8>>>) : !q, !kv, !kv -> !q
  %fixed = weft.attention %q, %k, %v normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.or<#weft.chunk<8>, #weft.where<affine_map<(i, j, d) -> (j mod 8 - 6)>>>>) : !q, !kv, !kv -> !q
  return %out, %fixed : !q, !q
}
