// RoFormer: rotary positions on queries and keys, causal softmax attention.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}) -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %qr = weft.rope %q pairing <adjacent> frequencies [1.0, 0.1, 0.01, 0.001] : !q
  %kr = weft.rope %k pairing <adjacent> frequencies [1.0, 0.1, 0.01, 0.001] : !kv
  %out = weft.attention %qr, %kr, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !kv, !kv -> !q
  return %out : !q
}
