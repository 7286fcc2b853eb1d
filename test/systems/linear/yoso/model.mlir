// YOSO: 4 tables of 16 buckets a head; a query reads the values of the keys in its buckets; unit results.
weft.import "../../library/buckets.mlir"
weft.import "../../library/products.mlir"
!x = tensor<?x?x2x16xf32>
!planes = tensor<2x16x16xf32>
!hash = tensor<?x?x8x1xf32>
!value = tensor<?x?x8x16xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}, %planes: !planes {weft.name = "planes"}) -> (!x {weft.name = "out"}) {
  %none = arith.constant dense<0.0> : tensor<2x16xf32>
  %c4 = arith.constant 4 : index
  %pq = func.call @project_heads(%q, %planes, %none) : (!x, !planes, tensor<2x16xf32>) -> !x
  %pk = func.call @project_heads(%k, %planes, %none) : (!x, !planes, tensor<2x16xf32>) -> !x
  %b = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %batch = tensor.dim %q, %b : !x
  %tokens = tensor.dim %q, %1 : !x
  %eq = tensor.expand_shape %pq [[0], [1], [2, 3], [4, 5]] output_shape [%batch, %tokens, 2, 1, 4, 4] : !x into tensor<?x?x2x1x4x4xf32>
  %ek = tensor.expand_shape %pk [[0], [1], [2, 3], [4, 5]] output_shape [%batch, %tokens, 2, 1, 4, 4] : !x into tensor<?x?x2x1x4x4xf32>
  %tq = tensor.collapse_shape %eq [[0], [1], [2, 3, 4], [5]] : tensor<?x?x2x1x4x4xf32> into tensor<?x?x8x4xf32>
  %tk = tensor.collapse_shape %ek [[0], [1], [2, 3, 4], [5]] : tensor<?x?x2x1x4x4xf32> into tensor<?x?x8x4xf32>
  %hq = func.call @hash(%tq) : (tensor<?x?x8x4xf32>) -> !hash
  %hk = func.call @hash(%tk) : (tensor<?x?x8x4xf32>) -> !hash
  %vs = func.call @repeat_heads(%v, %c4) : (!x, index) -> tensor<?x?x2x4x16xf32>
  %vt = tensor.collapse_shape %vs [[0], [1], [2, 3], [4]] : tensor<?x?x2x4x16xf32> into !value
  %sums, %s = weft.scan %hq, %hk, %vt transition(#weft.accumulate) features(#weft.one_hot_features<16>) bidirectional
    : !hash, !hash, !value -> !value, tensor<?x8x16x16xf32>
  %each = tensor.expand_shape %sums [[0], [1], [2, 3], [4]] output_shape [%batch, %tokens, 2, 4, 16] : !value into tensor<?x?x2x4x16xf32>
  %sum = func.call @sum_tables(%each) : (tensor<?x?x2x4x16xf32>) -> !x
  %out = weft.norm<l2> %sum epsilon 1.0e-20 : !x
  return %out : !x
}
