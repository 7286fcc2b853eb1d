// As model.mlir, with sequences packed behind each other.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!seg = tensor<?x?xi64>
func.func @forward(%seg: !seg {weft.name = "segments"}, %q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %gain: tensor<4xf32> {weft.name = "gain"},
                   %bias: tensor<4xf32> {weft.name = "bias"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v segments %seg, %seg normaliser(#weft.standard<1.0e-5>) mask(#weft.causal) post(%w, %b, %h, %i, %j) {
        %g = tensor.extract %gain[%h] : tensor<4xf32>
        %c = tensor.extract %bias[%h] : tensor<4xf32>
        %0 = arith.mulf %w, %g : f32
        %1 = arith.addf %0, %c : f32
        weft.yield %1 : f32
    } : !q, !kv, !kv segments !seg, !seg -> !q
  return %out : !q
}
