// RALA: keys weighted by how the mean query sees them; rope on the numerator only; a gate; a 5 x 5 convolution of V on a 6 x 6 grid.
weft.import "../../library/convolution.mlir"
weft.import "../../library/features.mlir"
weft.import "../../library/means.mlir"
!x = tensor<2x36x2x16xf32>
!one = tensor<2x1x2x16xf32>
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"}, %gate: !x {weft.name = "gate"},
                   %filter: tensor<5x5x32xf32> {weft.name = "filter"}) -> (!x {weft.name = "out"}) {
  %fq = func.call @elu_plus_one(%q) : (!x) -> !x
  %fk = func.call @elu_plus_one(%k) : (!x) -> !x
  %qm = func.call @mean_tokens(%fq) : (!x) -> !one
  %ak = func.call @weigh_keys(%qm, %fk) : (!one, !x) -> !x
  %rq = weft.rope %fq pairing <adjacent> frequencies [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125] : !x
  %rk = weft.rope %ak pairing <adjacent> frequencies [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125] : !x
  %numerator, %s = weft.scan %rq, %rk, %v transition(#weft.accumulate) bidirectional : !x, !x, !x -> !x, tensor<2x2x16x16xf32>
  %km = func.call @mean_tokens(%ak) : (!x) -> !one
  %ratio = func.call @over_mean(%numerator, %fq, %km) : (!x, !x, !one) -> !x
  %sum = func.call @add_convolution(%v, %filter, %ratio) : (!x, tensor<5x5x32xf32>, !x) -> !x
  %out = arith.mulf %sum, %gate : !x
  return %out : !x
}
