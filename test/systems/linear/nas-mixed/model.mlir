// A found mix: a layer of softmax attention with 2 heads, then one of cosFormer with 4 heads of another width.
weft.import "../../library/features.mlir"
!x = tensor<?x?x32xf32>
!a = tensor<?x?x2x8xf32>
!c = tensor<?x?x4x6xf32>
!f = tensor<?x?x4x12xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}, %w1: tensor<48x32xf32> {weft.name = "w1"}, %o1: tensor<32x16xf32> {weft.name = "o1"},
                   %w2: tensor<72x32xf32> {weft.name = "w2"}, %o2: tensor<32x24xf32> {weft.name = "o2"}) -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %t = tensor.dim %x, %c1 : !x
  %p = weft.linear %x, %w1 : !x, tensor<48x32xf32> -> tensor<?x?x48xf32>
  %ph = tensor.expand_shape %p [[0], [1], [2, 3]] output_shape [%b, %t, 6, 8] : tensor<?x?x48xf32> into tensor<?x?x6x8xf32>
  %q = tensor.extract_slice %ph[0, 0, 0, 0] [%b, %t, 2, 8] [1, 1, 1, 1] : tensor<?x?x6x8xf32> to !a
  %k = tensor.extract_slice %ph[0, 0, 2, 0] [%b, %t, 2, 8] [1, 1, 1, 1] : tensor<?x?x6x8xf32> to !a
  %v = tensor.extract_slice %ph[0, 0, 4, 0] [%b, %t, 2, 8] [1, 1, 1, 1] : tensor<?x?x6x8xf32> to !a
  %y = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) : !a, !a, !a -> !a
  %yf = tensor.collapse_shape %y [[0], [1], [2, 3]] : !a into tensor<?x?x16xf32>
  %h = weft.linear %yf, %o1 with %x combine(%acc, %r) {
      %0 = arith.addf %acc, %r : f32
      weft.yield %0 : f32
    } : tensor<?x?x16xf32>, tensor<32x16xf32> with !x -> !x
  %p2 = weft.linear %h, %w2 : !x, tensor<72x32xf32> -> tensor<?x?x72xf32>
  %ph2 = tensor.expand_shape %p2 [[0], [1], [2, 3]] output_shape [%b, %t, 12, 6] : tensor<?x?x72xf32> into tensor<?x?x12x6xf32>
  %q2 = tensor.extract_slice %ph2[0, 0, 0, 0] [%b, %t, 4, 6] [1, 1, 1, 1] : tensor<?x?x12x6xf32> to !c
  %k2 = tensor.extract_slice %ph2[0, 0, 4, 0] [%b, %t, 4, 6] [1, 1, 1, 1] : tensor<?x?x12x6xf32> to !c
  %v2 = tensor.extract_slice %ph2[0, 0, 8, 0] [%b, %t, 4, 6] [1, 1, 1, 1] : tensor<?x?x12x6xf32> to !c
  %fq = func.call @cos_features(%q2) : (!c) -> !f
  %fk = func.call @cos_features(%k2) : (!c) -> !f
  %y2, %s, %z = weft.scan %fq, %fk, %v2 transition(#weft.accumulate) : !f, !f, !c -> !c, tensor<?x4x12x6xf32>, tensor<?x4x12xf32>
  %yf2 = tensor.collapse_shape %y2 [[0], [1], [2, 3]] : !c into tensor<?x?x24xf32>
  %out = weft.linear %yf2, %o2 with %h combine(%acc, %r) {
      %0 = arith.addf %acc, %r : f32
      weft.yield %0 : f32
    } : tensor<?x?x24xf32>, tensor<32x24xf32> with !x -> !x
  return %out : !x
}
