// As model.mlir, with sequences packed behind each other.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!seg = tensor<?x?xi64>
func.func @forward(%seg: !seg {weft.name = "segments"}, %q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v segments %seg, %seg normaliser(#weft.relu_mean) : !q, !kv, !kv segments !seg, !seg -> !q
  return %out : !q
}
