// SSMax: n^(s z) / sum n^(s z), n the keys that a query sees, s learned for each head.
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %learned: tensor<4xf32> {weft.name = "s"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %log = func.call @log_seen(%i) : (index) -> f32
        %scale = tensor.extract %learned[%h] : tensor<4xf32>
        %0 = arith.mulf %log, %scale : f32
        %1 = arith.mulf %s, %0 : f32
        weft.yield %1 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
