// SOFT: Gaussian weights, 4 landmarks are means of 8 tokens each, the inverse by Newton's iteration; queries are the keys.
weft.import "../../library/gaussian.mlir"
weft.import "../../library/inverse.mlir"
weft.import "../../library/means.mlir"
weft.import "../../library/products.mlir"
!x = tensor<2x32x2x16xf32>
!l = tensor<2x4x2x16xf32>
!a = tensor<2x4x2x4xf32>
func.func @forward(%q: !x {weft.name = "q"}, %v: !x {weft.name = "v"}) -> (!x {weft.name = "out"}) {
  %0 = arith.constant dense<0.0> : !a
  %one = arith.constant 1.0 : f32
  %a = arith.constant 0.25 : f32
  %qs = tensor.expand_shape %q [[0], [1, 2], [3], [4]] output_shape [2, 4, 8, 2, 16] : !x into tensor<2x4x8x2x16xf32>
  %p = func.call @mean_segments(%qs) : (tensor<2x4x8x2x16xf32>) -> !l
  %unit = func.call @subtract_from_unit(%0, %one) : (!a, f32) -> !a
  %weights = func.call @gaussian_of_4(%p, %p, %unit, %a) : (!l, !l, !a, f32) -> !a
  %start = func.call @start_symmetric(%weights) : (!a) -> !a
  %z1 = func.call @newton(%weights, %start) : (!a, !a) -> !a
  %z2 = func.call @newton(%weights, %z1) : (!a, !a) -> !a
  %z3 = func.call @newton(%weights, %z2) : (!a, !a) -> !a
  %z4 = func.call @newton(%weights, %z3) : (!a, !a) -> !a
  %z5 = func.call @newton(%weights, %z4) : (!a, !a) -> !a
  %z6 = func.call @newton(%weights, %z5) : (!a, !a) -> !a
  %pv = func.call @gaussian(%p, %q, %v, %a) : (!l, !x, !x, f32) -> !l
  %values = func.call @multiply(%z6, %pv) : (!a, !l) -> !l
  %out = func.call @gaussian(%q, %p, %values, %a) : (!x, !l, !l, f32) -> !x
  return %out : !x
}
