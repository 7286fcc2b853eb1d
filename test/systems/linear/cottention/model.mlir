// Cottention: cosines as weights, divided by the number of tokens to the power sigmoid(m) of the head.
weft.import "../../library/features.mlir"
weft.import "../../library/so_far.mlir"
!x = tensor<?x?x2x16xf32>
!count = tensor<?x?x2xf32>
func.func @forward(%q: !x {weft.name = "q", weft.sequence = 1}, %k: !x {weft.name = "k", weft.sequence = 1},
                   %v: !x {weft.name = "v", weft.sequence = 1}, %m: tensor<2xf32> {weft.name = "m"})
    -> (!x {weft.name = "out"}) attributes {weft.stream} {
  %qn = weft.norm<l2> %q epsilon 0.0 : !x
  %kn = weft.norm<l2> %k epsilon 0.0 : !x
  %sums, %s = weft.scan %qn, %kn, %v transition(#weft.accumulate) : !x, !x, !x -> !x, tensor<?x2x16x16xf32>
  %n = func.call @count_tokens(%q) : (!x) -> !count
  %out = func.call @divide_by_power(%sums, %n, %m) : (!x, !count, tensor<2xf32>) -> !x
  return %out : !x
}
