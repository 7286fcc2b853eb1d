// As model.mlir, with sequences packed behind each other.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!seg = tensor<?x?xi64>
func.func @forward(%seg: !seg {weft.name = "segments"}, %q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}, tensor<?x4x?xf32> {weft.name = "lse", weft.symbols = ["batch", "tokens"]}) {
  %out, %lse = weft.attention %q, %k, %v segments %seg, %seg normaliser(#weft.softmax) mask(#weft.causal)
    : !q, !kv, !kv segments !seg, !seg -> !q, tensor<?x4x?xf32>
  return %out, %lse : !q, tensor<?x4x?xf32>
}
