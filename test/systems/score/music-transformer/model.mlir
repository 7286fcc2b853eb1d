// Music Transformer: (q k + q E[i - j]) / sqrt(d); the region reads the relative logit, where the paper skews a matrix.
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %e: tensor<4x64x8xf32> {weft.name = "e"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.splat %zero[%b, %n] : tensor<?x?x4x64xf32>
  %qe = linalg.generic {indexing_maps = [affine_map<(b, n, h, r, d) -> (b, n, h, d)>,
      affine_map<(b, n, h, r, d) -> (h, r, d)>, affine_map<(b, n, h, r, d) -> (b, n, h, r)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%q, %e : !q, tensor<4x64x8xf32>) outs(%e0 : tensor<?x?x4x64xf32>) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<?x?x4x64xf32>
  %root = arith.constant 0.35355339 : f32
  %far = arith.constant 63 : index
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) scale(1.0) score(%s, %batch, %h, %i, %j) {
        %d = arith.subi %i, %j : index
        %back = arith.maxsi %d, %c0 : index
        %r = arith.minsi %back, %far : index
        %relative = tensor.extract %qe[%batch, %i, %h, %r] : tensor<?x?x4x64xf32>
        %0 = arith.addf %s, %relative : f32
        %1 = arith.mulf %0, %root : f32
        weft.yield %1 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
