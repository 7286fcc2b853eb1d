// Combiner: own region of 4 in full, earlier regions by a summary each, under one softmax. Each token has the summary of
// its region so far; that of the last one counts.
weft.import "../../library/pool.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!l = tensor<?x4x?xf32>
#region = #weft.and<#weft.causal, #weft.chunk<4>>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %qs = weft.attention %q, %q, %q normaliser(#weft.softmax) mask(#region) scale(0.0) : !q, !q, !q -> !q
  %ks = weft.attention %k, %k, %k normaliser(#weft.softmax) mask(#region) scale(0.0) : !kv, !kv, !kv -> !kv
  %own, %ol = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#region) : !q, !kv, !kv -> !q, !l
  %hs = weft.attention %qs, %k, %v normaliser(#weft.softmax) mask(#region) : !q, !kv, !kv -> !q
  %kr = func.call @shared_by_two(%ks) : (!kv) -> !q
  %far, %fl = weft.attention %q, %kr, %hs normaliser(#weft.softmax)
    mask(#weft.and<#weft.causal, #weft.where<affine_map<(i, j, d) -> (i floordiv 4 - j floordiv 4 - 1, j mod 4 - 3)>>>) : !q, !q, !q -> !q, !l
  %out, %lse = weft.merge %own, %far by %ol, %fl : !q, !q by !l, !l -> !q, !l
  return %out : !q
}
