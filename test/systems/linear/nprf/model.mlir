// NPRF: positive random features of unit queries and keys, weighted by exp(b) of the distance, normalised:
// each feature times each value goes by a product with the Toeplitz matrix of exp(b).
weft.import "../../library/features.mlir"
weft.import "../../library/toeplitz.mlir"
!x = tensor<?x?x2x16xf32>
!f = tensor<?x?x2x24xf32>
!s = tensor<?x?x2x24x17xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"},
                   %w: tensor<2x24x16xf32> {weft.name = "w"}, %bias: tensor<2x199xf32> {weft.name = "bias"}) -> (!x {weft.name = "out"}) {
  %qn = weft.norm<l2> %q epsilon 0.0 : !x
  %kn = weft.norm<l2> %k epsilon 0.0 : !x
  %fq = func.call @positive_features(%qn, %w) : (!x, tensor<2x24x16xf32>) -> !f
  %fk = func.call @positive_features(%kn, %w) : (!x, tensor<2x24x16xf32>) -> !f
  %taps = func.call @taps_of_bias(%bias) : (tensor<2x199xf32>) -> tensor<199x2xf32>
  %products = func.call @features_by_values(%fk, %v) : (!f, !x) -> !s
  %channels = tensor.collapse_shape %products [[0], [1], [2, 3, 4]] : !s into tensor<?x?x816xf32>
  %y = weft.long_conv %channels, %taps bidirectional : tensor<?x?x816xf32>, tensor<199x2xf32> -> tensor<?x?x816xf32>
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %b = tensor.dim %q, %0 : !x
  %t = tensor.dim %q, %1 : !x
  %sums = tensor.expand_shape %y [[0], [1], [2, 3, 4]] output_shape [%b, %t, 2, 24, 17] : tensor<?x?x816xf32> into !s
  %out = func.call @read_by_features(%fq, %sums) : (!f, !s) -> !x
  return %out : !x
}
