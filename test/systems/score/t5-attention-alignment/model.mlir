// T5 attention with a temperature that depends on the length: softmax(l (q k + b)), no 1 / sqrt(d).
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %table: tensor<8x4xf32> {weft.name = "table"},
                   %lambda: tensor<1xf32> {weft.name = "temperature"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) scale(1.0) score(%s, %b, %h, %i, %j) {
        %c0 = arith.constant 0 : index
        %l = tensor.extract %lambda[%c0] : tensor<1xf32>
        %d = arith.subi %i, %j : index
        %bucket = func.call @t5_bucket(%d) : (index) -> index
        %bias = tensor.extract %table[%bucket, %h] : tensor<8x4xf32>
        %0 = arith.addf %s, %bias : f32
        %1 = arith.mulf %0, %l : f32
        weft.yield %1 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
