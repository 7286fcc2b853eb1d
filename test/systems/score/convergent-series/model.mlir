// Convergent-series RPE: exp(b_m) = 1 / (m + 1)^2, a closed form of the distance.
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %out = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal) score(%s, %b, %h, %i, %j) {
        %one = arith.constant 1.0 : f32
        %d = func.call @distance(%i, %j) : (index, index) -> f32
        %m = arith.addf %d, %one : f32
        %safe = arith.maximumf %m, %one : f32
        %0 = math.log %safe : f32
        %1 = arith.subf %s, %0 : f32
        %2 = arith.subf %1, %0 : f32
        weft.yield %2 : f32
    } : !q, !kv, !kv -> !q
  return %out : !q
}
