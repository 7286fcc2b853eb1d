// Fixed head size: heads of 40 channels for a model of 24, projected back at the end.
!x = tensor<?x?x24xf32>
!p = tensor<?x?x120xf32>
!w = tensor<120x24xf32>
!h = tensor<?x?x3x40xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}, %wq: !w {weft.name = "wq"}, %wk: !w {weft.name = "wk"},
                   %wv: !w {weft.name = "wv"}, %wo: tensor<24x120xf32> {weft.name = "wo"})
    -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %qp = weft.linear %x, %wq : !x, !w -> !p
  %kp = weft.linear %x, %wk : !x, !w -> !p
  %vp = weft.linear %x, %wv : !x, !w -> !p
  %q = tensor.expand_shape %qp [[0], [1], [2, 3]] output_shape [%b, %n, 3, 40] : !p into !h
  %k = tensor.expand_shape %kp [[0], [1], [2, 3]] output_shape [%b, %n, 3, 40] : !p into !h
  %v = tensor.expand_shape %vp [[0], [1], [2, 3]] output_shape [%b, %n, 3, 40] : !p into !h
  %a = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) : !h, !h, !h -> !h
  %ap = tensor.collapse_shape %a [[0], [1], [2, 3]] : !h into !p
  %out = weft.linear %ap, %wo : !p, tensor<24x120xf32> -> !x
  return %out : !x
}
