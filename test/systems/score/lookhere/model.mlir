// LookHere: each head looks one way over a grid of 6 columns, with a bias by distance; token 0 is CLS.
weft.import "../../library/grid.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q"}, %k: !kv {weft.name = "k"},
                   %v: !kv {weft.name = "v"}, %slopes: tensor<4xf32> {weft.name = "slopes"})
    -> (!q {weft.name = "out"}) {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) score(%s, %b, %h, %i, %j) {
        %slope = tensor.extract %slopes[%h] : tensor<4xf32>
        %0 = func.call @lookhere_score(%s, %slope, %i, %j) : (f32, f32, index, index) -> f32
        weft.yield %0 : f32
    } allowed(%b, %h, %i, %j, %d) {
        %0 = func.call @lookhere_allowed(%h, %i, %j) : (index, index, index) -> i1
        weft.yield %0 : i1
    } : !q, !kv, !kv -> !q
  return %out : !q
}
