// FIRE: a bias f(psi(i - j) / psi(max(L, i))) with psi(x) = log(c x + 1) and f an MLP of 4 units.
weft.import "../../library/fire.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %c: tensor<2xf32> {weft.name = "c"},
                   %w1: tensor<4xf32> {weft.name = "w1"}, %b1: tensor<4xf32> {weft.name = "b1"}, %w2: tensor<4x4xf32> {weft.name = "w2"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %x = func.call @fire_input(%i, %j, %c) : (index, index, tensor<2xf32>) -> f32
        %bias = func.call @mlp4(%x, %w1, %b1, %w2, %h) : (f32, tensor<4xf32>, tensor<4xf32>, tensor<4x4xf32>, index) -> f32
        %0 = arith.addf %s, %bias : f32
        weft.yield %0 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
