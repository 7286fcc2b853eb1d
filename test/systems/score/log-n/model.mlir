// Attention scaled by the logarithm of the length: softmax(log n q k / sqrt(d)).
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %log = func.call @log_seen(%i) : (index) -> f32
        %0 = arith.mulf %s, %log : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
