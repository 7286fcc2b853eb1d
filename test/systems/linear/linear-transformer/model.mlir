// Linear Transformer: phi = elu + 1, causal; the sum of the weights is the normaliser.
!qk = tensor<?x?x2x16xf32>
!v = tensor<?x?x2x12xf32>
func.func @forward(%q: !qk {weft.name = "q", weft.sequence = 1}, %k: !qk {weft.name = "k", weft.sequence = 1},
                   %v: !v {weft.name = "v", weft.sequence = 1}) -> (!v {weft.name = "out"}) attributes {weft.stream} {
  %out, %s, %z = weft.scan %q, %k, %v transition(#weft.accumulate) features(#weft.elu_features)
    : !qk, !qk, !v -> !v, tensor<?x2x16x12xf32>, tensor<?x2x16xf32>
  return %out : !v
}
