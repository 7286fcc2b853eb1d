// BigBird: window blocks, random blocks from a list, and 2 global tokens; blocks of 4.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax)
    mask(#weft.or<#weft.global<2>, #weft.block_list<4, [[7], [4], [0], [9], [1], [8], [2], [3], [5], [6]]>,
      #weft.where<affine_map<(i, j, d) -> (i floordiv 4 - j floordiv 4 + 1, j floordiv 4 - i floordiv 4 + 1)>>>) : !q, !kv, !kv -> !q
  return %out : !q
}
