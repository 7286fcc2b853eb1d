// LongVQ: a moving average feeds gated attention whose keys are their nearest of 6 codes; the last 4 tokens with a bias
// of their distance, those before by the sums of their codes.
weft.import "../../library/codes.mlir"
weft.import "../../library/so_far.mlir"
!x = tensor<?x?x32xf32>
!p = tensor<?x?x16xf32>
!h = tensor<?x?x2x8xf32>
!s = tensor<?x?x2x6xf32>
!codes = tensor<2x6x8xf32>
!w = tensor<16x32xf32>
func.func @forward(%x: !x {weft.name = "x", weft.sequence = 1}, %rate: tensor<1x1x32xf32> {weft.name = "rate"}, %wq: !w {weft.name = "wq"},
                   %wk: !w {weft.name = "wk"}, %wv: !w {weft.name = "wv"}, %wg: !w {weft.name = "wg"}, %codes: !codes {weft.name = "codes"},
                   %bias: tensor<2x4xf32> {weft.name = "bias"}) -> (!h {weft.name = "out"}) attributes {weft.stream} {
  %ema = func.call @moving_average(%x, %rate) : (!x, tensor<1x1x32xf32>) -> !x
  %qf = weft.linear %ema, %wq : !x, !w -> !p
  %kf = weft.linear %ema, %wk : !x, !w -> !p
  %vf = weft.linear %x, %wv : !x, !w -> !p
  %gf = weft.linear %ema, %wg combine(%a) {
      %one = arith.constant 1.0 : f32
      %0 = arith.negf %a : f32
      %1 = math.exp %0 : f32
      %2 = arith.addf %1, %one : f32
      %3 = arith.divf %one, %2 : f32
      weft.yield %3 : f32
    } : !x, !w -> !p
  %q = func.call @split_in_two(%qf) : (!p) -> !h
  %k = func.call @split_in_two(%kf) : (!p) -> !h
  %v = func.call @split_in_two(%vf) : (!p) -> !h
  %g = func.call @split_in_two(%gf) : (!p) -> !h
  %code = func.call @nearest(%k, %codes) : (!h, !codes) -> !s
  %key = func.call @look_up(%code, %codes) : (!s, !codes) -> !h
  %near, %near_lse = weft.attention %q, %key, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.window<4>>)
    scale(1.0) score(%s, %b, %head, %i, %j) {
      %distance = arith.subi %i, %j : index
      %0 = tensor.extract %bias[%head, %distance] : tensor<2x4xf32>
      %1 = arith.addf %s, %0 : f32
      weft.yield %1 : f32
    } : !h, !h, !h -> !h, tensor<?x2x?xf32>
  %far, %far_lse = func.call @attend_to_codes(%q, %code, %v, %codes) : (!h, !s, !h, !codes) -> (!h, tensor<?x2x?xf32>)
  %all, %lse = weft.merge %near, %far by %near_lse, %far_lse
    : !h, !h by tensor<?x2x?xf32>, tensor<?x2x?xf32> -> !h, tensor<?x2x?xf32>
  %out = arith.mulf %all, %g : !h
  return %out : !h
}
