// ReLUFormer: relu(q k / sqrt(d)) / (gamma sqrt(n / 2)) v with gamma = 1.25, then a ReLU network as a memory.
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
!x = tensor<?x?x32xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %keys: tensor<48x32xf32> {weft.name = "keys"},
                   %values: tensor<32x48xf32> {weft.name = "values"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %a = weft.attention %q, %k, %v normaliser(#weft.relu<1, 0.5>) mask(#weft.causal) scale(0.4) : !q, !kv, !kv -> !q
  %x = tensor.collapse_shape %a [[0], [1], [2, 3]] : !q into !x
  %m = weft.linear %x, %keys combine(%z) {
        %0 = func.call @relu(%z) : (f32) -> f32
        weft.yield %0 : f32
    } : !x, tensor<48x32xf32> -> tensor<?x?x48xf32>
  %y = weft.linear %m, %values : tensor<?x?x48xf32>, tensor<32x48xf32> -> !x
  %out = tensor.expand_shape %y [[0], [1], [2, 3]] output_shape [%b, %n, 4, 8] : !x into !q
  return %out : !q
}
