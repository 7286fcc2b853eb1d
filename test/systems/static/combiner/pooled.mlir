// Combiner on whole regions: a summary is made once a region, of 4 tokens; own region in full.
weft.import "../../library/pool.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!l = tensor<?x4x?xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}) {
  %qs = func.call @mean_of_queries(%q) : (!q) -> !q
  %ks = func.call @mean_of_keys(%k) : (!kv) -> !kv
  %own, %ol = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.chunk<4>>) : !q, !kv, !kv -> !q, !l
  %hs = weft.attention %qs, %k, %v normaliser(#weft.softmax)
    mask(#weft.where<affine_map<(i, j, d) -> (i - j floordiv 4, j floordiv 4 - i)>>) : !q, !kv, !kv -> !q
  %kr = func.call @shared_by_two(%ks) : (!kv) -> !q
  %far, %fl = weft.attention %q, %kr, %hs normaliser(#weft.softmax)
    mask(#weft.where<affine_map<(i, j, d) -> (i floordiv 4 - j - 1)>>) : !q, !q, !q -> !q, !l
  %out, %lse = weft.merge %own, %far by %ol, %fl : !q, !q by !l, !l -> !q, !l
  return %out : !q
}
