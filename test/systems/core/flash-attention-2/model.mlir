// FlashAttention-2: exact causal attention, normalised once at the end, with its log-sum-exp.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}, tensor<?x4x?xf32> {weft.name = "lse", weft.symbols = ["batch", "tokens"]}) attributes {weft.stream} {
  %out, %lse = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal)
    : !q, !kv, !kv -> !q, tensor<?x4x?xf32>
  return %out, %lse : !q, tensor<?x4x?xf32>
}
