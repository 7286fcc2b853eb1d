// FlashAttention: exact attention by tiles, and its block-sparse form.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}, !q {weft.name = "sparse"}) {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) : !q, !kv, !kv -> !q
  %sparse = weft.attention %q, %k, %v normaliser(#weft.softmax)
    mask(#weft.block_list<16, [[0], [1, 0], [2, 0]]>) : !q, !kv, !kv -> !q
  return %out, %sparse : !q, !q
}
