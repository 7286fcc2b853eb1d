// NPRF: positive random features of unit queries and keys, weighted by exp(b) of the distance, normalised:
// a softmax of their logarithms.
weft.import "../../library/features.mlir"
!x = tensor<?x37x2x16xf32>
!f = tensor<?x37x2x24xf32>
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"}, %w: tensor<2x24x16xf32> {weft.name = "w"},
                   %bias: tensor<2x73xf32> {weft.name = "bias"}) -> (!x {weft.name = "out"}) {
  %c36 = arith.constant 36 : index
  %qn = weft.norm<l2> %q epsilon 0.0 : !x
  %kn = weft.norm<l2> %k epsilon 0.0 : !x
  %fq = func.call @positive_features(%qn, %w) : (!x, tensor<2x24x16xf32>) -> !f
  %fk = func.call @positive_features(%kn, %w) : (!x, tensor<2x24x16xf32>) -> !f
  %out = weft.attention %fq, %fk, %v normaliser(#weft.softmax) scale(1.0) score(%s, %b, %h, %i, %j) {
      %distance = arith.subi %j, %i : index
      %at = arith.addi %distance, %c36 : index
      %0 = tensor.extract %bias[%h, %at] : tensor<2x73xf32>
      %1 = math.log %s : f32
      %2 = arith.addf %0, %1 : f32
      weft.yield %2 : f32
    } : !f, !f, !x -> !x
  return %out : !x
}
