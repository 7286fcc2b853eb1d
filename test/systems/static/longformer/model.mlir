// Longformer: windows, dilated in half of the heads, and 2 global keys; global rows attend everywhere with their own projections.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!g = tensor<?x2x4x8xf32>
!one = tensor<?x?x1x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %qg: !q {weft.name = "qg"}, %kg: !kv {weft.name = "kg"}, %vg: !kv {weft.name = "vg"})
    -> (!q {weft.name = "out"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %q0 = tensor.extract_slice %q[0, 0, 0, 0] [%b, %n, 2, 8] [1, 1, 1, 1] : !q to !kv
  %q1 = tensor.extract_slice %q[0, 0, 2, 0] [%b, %n, 2, 8] [1, 1, 1, 1] : !q to !kv
  %k0 = tensor.extract_slice %k[0, 0, 0, 0] [%b, %n, 1, 8] [1, 1, 1, 1] : !kv to !one
  %k1 = tensor.extract_slice %k[0, 0, 1, 0] [%b, %n, 1, 8] [1, 1, 1, 1] : !kv to !one
  %v0 = tensor.extract_slice %v[0, 0, 0, 0] [%b, %n, 1, 8] [1, 1, 1, 1] : !kv to !one
  %v1 = tensor.extract_slice %v[0, 0, 1, 0] [%b, %n, 1, 8] [1, 1, 1, 1] : !kv to !one
  %near = weft.attention %q0, %k0, %v0 normaliser(#weft.softmax)
    mask(#weft.or<#weft.sinks<2>, #weft.where<affine_map<(i, j, d) -> (d + 4, 4 - d)>>>) : !kv, !one, !one -> !kv
  %far = weft.attention %q1, %k1, %v1 normaliser(#weft.softmax) mask(#weft.or<#weft.sinks<2>,
    #weft.and<#weft.every<2>, #weft.where<affine_map<(i, j, d) -> (d + 8, 8 - d)>>>>) : !kv, !one, !one -> !kv
  %local = tensor.concat dim(2) %near, %far : (!kv, !kv) -> !q
  %first = tensor.extract_slice %qg[0, 0, 0, 0] [%b, 2, 4, 8] [1, 1, 1, 1] : !q to !g
  %global = weft.attention %first, %kg, %vg normaliser(#weft.softmax) : !g, !kv, !kv -> !g
  %out = tensor.insert_slice %global into %local[0, 0, 0, 0] [%b, 2, 4, 8] [1, 1, 1, 1] : !g into !q
  return %out : !q
}
