// Longformer: a dilated window and 2 global keys; the global rows attend everywhere with their own projections.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!g = tensor<?x2x4x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %qg: !q {weft.name = "qg"}, %kg: !kv {weft.name = "kg"}, %vg: !kv {weft.name = "vg"})
    -> (!q {weft.name = "out"}) {
  %c0 = arith.constant 0 : index
  %b = tensor.dim %q, %c0 : !q
  %local = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.or<#weft.sinks<2>,
    #weft.and<#weft.every<2>, #weft.where<affine_map<(i, j, d) -> (d + 8, 8 - d)>>>>) : !q, !kv, !kv -> !q
  %first = tensor.extract_slice %qg[0, 0, 0, 0] [%b, 2, 4, 8] [1, 1, 1, 1] : !q to !g
  %global = weft.attention %first, %kg, %vg normaliser(#weft.softmax) : !g, !kv, !kv -> !g
  %out = tensor.insert_slice %global into %local[0, 0, 0, 0] [%b, 2, 4, 8] [1, 1, 1, 1] : !g into !q
  return %out : !q
}
