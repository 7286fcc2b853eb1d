// Power-softmax: x^4 / (epsilon + sum x^4) of scores scaled by a bound that does not depend on the length, after a
// layer norm; division and inverse root by polynomials on bounded ranges, so that nothing but sums and products is left.
weft.import "../../library/polynomials.mlir"
!x = tensor<?x?x32xf32>
!y = tensor<?x?x16xf32>
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!v = tensor<?x?x2x9xf32>
!o = tensor<?x?x4x9xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}, %wq: tensor<32x32xf32> {weft.name = "wq"},
                   %wk: tensor<16x32xf32> {weft.name = "wk"}, %wv: tensor<16x32xf32> {weft.name = "wv"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : !x
  %n = tensor.dim %x, %c1 : !x
  %normal = func.call @polynomial_norm(%x) : (!x) -> !x
  %xq = weft.linear %normal, %wq : !x, tensor<32x32xf32> -> !x
  %xk = weft.linear %normal, %wk : !x, tensor<16x32xf32> -> !y
  %xv = weft.linear %normal, %wv : !x, tensor<16x32xf32> -> !y
  %q = tensor.expand_shape %xq [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !q
  %k = tensor.expand_shape %xk [[0], [1], [2, 3]] output_shape [%b, %n, 2, 8] : !y into !kv
  %v = tensor.expand_shape %xv [[0], [1], [2, 3]] output_shape [%b, %n, 2, 8] : !y into !kv
  %values = func.call @append_one(%v) : (!kv) -> !v
  %sums = weft.attention %q, %k, %values normaliser(#weft.none) mask(#weft.causal) score(%s, %i0, %h, %i, %j) {
      %bound = arith.constant 0.25 : f32
      %0 = arith.mulf %s, %bound : f32
      %1 = arith.mulf %0, %0 : f32
      %2 = arith.mulf %1, %1 : f32
      weft.yield %2 : f32
    } : !q, !kv, !v -> !o
  %out = func.call @polynomial_shares(%sums) : (!o) -> !q
  return %out : !q
}
