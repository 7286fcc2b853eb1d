// Matrix softmax: each query attends to pairs of keys, (k1 of j) * (k2 of l), n^2 of them.
weft.import "../../library/pairs.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %k2: !kv {weft.name = "k2"}, %v2: !kv {weft.name = "v2"})
    -> (!q {weft.name = "out"}) {
  %kp = func.call @pairs(%k, %k2) : (!kv, !kv) -> !kv
  %vp = func.call @pairs(%v, %v2) : (!kv, !kv) -> !kv
  %out = weft.attention %q, %kp, %vp normaliser(#weft.softmax) scale(0.125) : !q, !kv, !kv -> !q
  return %out : !q
}
