// CLEX: log frequencies follow dz/dt = g(z, t), g = down silu(up); 8 steps from 1 to t, then rotary positions.
weft.import "../../library/rope.mlir"
weft.import "../../library/scores.mlir"
!q = tensor<?x?x4x8xf32>
!kv = tensor<?x?x2x8xf32>
func.func @forward(%q: !q {weft.name = "q", weft.sequence = 1}, %k: !kv {weft.name = "k", weft.sequence = 1},
                   %v: !kv {weft.name = "v", weft.sequence = 1}, %until: tensor<1xf32> {weft.name = "t"},
                   %up: tensor<8x4xf32> {weft.name = "up"}, %uptime: tensor<8xf32> {weft.name = "uptime"}, %down: tensor<4x8xf32> {weft.name = "down"})
    -> (!q {weft.name = "out"}) attributes {weft.stream} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %q, %c0 : !q
  %n = tensor.dim %q, %c1 : !q
  %z0 = arith.constant dense<[0.0, -2.3025851, -4.6051702, -6.9077553]> : tensor<4xf32>
  %one = arith.constant 1.0 : f32
  %eighth = arith.constant 0.125 : f32
  %c8 = arith.constant 8 : index
  %t = tensor.extract %until[%c0] : tensor<1xf32>
  %span = arith.subf %t, %one : f32
  %h = arith.mulf %span, %eighth : f32
  %hs = tensor.splat %h : tensor<4xf32>
  %z = scf.for %i = %c0 to %c8 step %c1 iter_args(%z = %z0) -> tensor<4xf32> {
    %x = func.call @number(%i) : (index) -> f32
    %0 = arith.mulf %x, %h : f32
    %at = arith.addf %0, %one : f32
    %ts = tensor.splat %at : tensor<8xf32>
    %u = weft.linear %z, %up with %uptime, %ts combine(%a, %w, %time) {
        %1 = arith.mulf %w, %time : f32
        %2 = arith.addf %a, %1 : f32
        %3 = func.call @silu(%2) : (f32) -> f32
        weft.yield %3 : f32
    } : tensor<4xf32>, tensor<8x4xf32> with tensor<8xf32>, tensor<8xf32> -> tensor<8xf32>
    %g = weft.linear %u, %down with %hs, %z combine(%a, %step, %old) {
        %1 = arith.mulf %a, %step : f32
        %2 = arith.addf %old, %1 : f32
        weft.yield %2 : f32
    } : tensor<8xf32>, tensor<4x8xf32> with tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>
    scf.yield %g : tensor<4xf32>
  }
  %f = math.exp %z : tensor<4xf32>
  %zero = arith.constant 0 : i64
  %ids = tensor.splat %zero[%b, %n] : tensor<?x?xi64>
  %p = weft.positions %ids : tensor<?x?xi64>
  %qr = func.call @rope_at(%q, %p, %f) : (!q, tensor<?x?xi64>, tensor<4xf32>) -> !q
  %kr = func.call @rope_at(%k, %p, %f) : (!kv, tensor<?x?xi64>, tensor<4xf32>) -> !kv
  %out = weft.attention %qr, %kr, %v normaliser(#weft.softmax) mask(#weft.causal) : !q, !kv, !kv -> !q
  return %out : !q
}
