// cosFormer: relu(q) relu(k) cos(pi (i - j) / 2M), normalised, M = 64; as two streams of features, causal.
weft.import "../../library/features.mlir"
!x = tensor<?x?x2x16xf32>
!f = tensor<?x?x2x32xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}) -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %fq = func.call @cos_features(%q) : (!x) -> !f
  %fk = func.call @cos_features(%k) : (!x) -> !f
  %out, %s, %z = weft.scan %fq, %fk, %v transition(#weft.accumulate) : !f, !f, !x -> !x, tensor<?x2x32x16xf32>, tensor<?x2x32xf32>
  return %out : !x
}
