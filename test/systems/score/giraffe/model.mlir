// Giraffe: the frequencies of rotary positions edited for a longer context: a truncated basis, scaled by the caller.
weft.import "../../library/rope.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %s: tensor<4xf32> {weft.name = "s"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %base = arith.constant dense<[1.0, 0.1, 0.01, 0.001]> : tensor<4xf32>
  %keep = arith.constant dense<0.05> : tensor<4xf32>
  %drop = arith.constant dense<0.002> : tensor<4xf32>
  %rho = arith.constant dense<0.03> : tensor<4xf32>
  %none = arith.constant dense<0.0> : tensor<4xf32>
  %high = arith.cmpf oge, %base, %keep : tensor<4xf32>
  %low = arith.cmpf ole, %base, %drop : tensor<4xf32>
  %middle = arith.select %low, %none, %rho : tensor<4xi1>, tensor<4xf32>
  %truncated = arith.select %high, %base, %middle : tensor<4xi1>, tensor<4xf32>
  %f = arith.divf %truncated, %s : tensor<4xf32>
  %zero = arith.constant 0 : i64
  %ids = tensor.splat %zero[%b, %n] : tensor<?x?xi64>
  %p = weft.positions %ids : tensor<?x?xi64>
  %qr = func.call @rope_at(%q, %p, %f) : (!q, tensor<?x?xi64>, tensor<4xf32>) -> !q
  %kr = func.call @rope_at(%k, %p, %f) : (!kv, tensor<?x?xi64>, tensor<4xf32>) -> !kv
  %out = weft.attention %qr, %kr, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !kv, !kv -> !q
  return %out : !q
}
