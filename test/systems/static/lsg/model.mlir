// LSG: the own block of 4 and its neighbours, means of all other blocks, and 2 global tokens, under one softmax.
weft.import "../../library/pool.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!kg = tensor<?x2x2x8xf32>
!l = tensor<?x4x?xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %kg: !kg {weft.name = "kg"}, %vg: !kg {weft.name = "vg"})
    -> (!q {weft.name = "out"}) {
  %ks = func.call @mean_of_keys(%k) : (!kv) -> !kv
  %vs = func.call @mean_of_keys(%v) : (!kv) -> !kv
  %near, %nl = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.where<affine_map<(i, j, d) ->
    (i floordiv 4 - j floordiv 4 + 1, j floordiv 4 - i floordiv 4 + 1)>>) : !q, !kv, !kv -> !q, !l
  %far, %fl = weft.attention %q, %ks, %vs normaliser(#weft.softmax) mask(#weft.or<#weft.where<affine_map<(i, j, d) ->
    (i floordiv 4 - j - 2)>>, #weft.where<affine_map<(i, j, d) -> (j - i floordiv 4 - 2)>>>) : !q, !kv, !kv -> !q, !l
  %all, %al = weft.attention %q, %kg, %vg normaliser(#weft.softmax) : !q, !kg, !kg -> !q, !l
  %out, %lse = weft.merge %near, %far, %all by %nl, %fl, %al : !q, !q, !q by !l, !l, !l -> !q, !l
  return %out : !q
}
