// As model.mlir, with sequences packed behind each other.
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!seg = tensor<?x?xi64>
func.func @forward(%seg: !seg {weft.name = "segments"}, %q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %slopes: tensor<4xf32> {weft.name = "slopes"},
                   %b0: tensor<1xf32> {weft.name = "b"})
    -> (!q {weft.name = "out"}) {
  %c0 = arith.constant 0 : index
  %out = weft.attention %q, %k, %v segments %seg, %seg normaliser(#weft.sigmoid) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %slope = tensor.extract %slopes[%h] : tensor<4xf32>
        %bias = tensor.extract %b0[%c0] : tensor<1xf32>
        %0 = func.call @alibi(%s, %slope, %i, %j) : (f32, f32, index, index) -> f32
        %1 = arith.addf %0, %bias : f32
        weft.yield %1 : f32
    } : !q, !kv, !kv segments !seg, !seg -> !q
  return %out : !q
}
