// kMaX: cross-attention as k-means; each pixel to the best of 5 centres, which add up its values.
!p = tensor<1x?x1x8xf32>
!v = tensor<1x?x8xf32>
!c = tensor<1x5x8xf32>
func.func @forward(%c: tensor<1x5x1x8xf32> {weft.name = "c"}, %k: !p {weft.name = "k"}, %v: !v {weft.name = "v"}) -> (!c {weft.name = "out"}) {
  %one = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0]], [[0.0, 1.0, 0.0, 0.0, 0.0]], [[0.0, 0.0, 1.0, 0.0, 0.0]],
                                [[0.0, 0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x5x1x5xf32>
  %a = weft.attention %k, %c, %one normaliser(#weft.argmax) : !p, tensor<1x5x1x8xf32>, tensor<1x5x1x5xf32> -> tensor<1x?x1x5xf32>
  %c0 = tensor.collapse_shape %c [[0], [1], [2, 3]] : tensor<1x5x1x8xf32> into !c
  %out = linalg.generic {indexing_maps = [affine_map<(b, c, d, p) -> (b, p, 0, c)>, affine_map<(b, c, d, p) -> (b, p, d)>,
      affine_map<(b, c, d, p) -> (b, c, d)>], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %v : tensor<1x?x1x5xf32>, !v) outs(%c0 : !c) {
  ^bb0(%x: f32, %y: f32, %acc: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.addf %acc, %0 : f32
    linalg.yield %1 : f32
  } -> !c
  return %out : !c
}
