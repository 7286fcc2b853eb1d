// Linformer: keys and values projected along 32 tokens to 8, by matrices that heads share.
!x = tensor<?x32x2x16xf32>
!short = tensor<?x8x2x16xf32>
!e = tensor<8x32xf32>
weft.import "../../library/products.mlir"
func.func @forward(%q: !x {weft.name = "q"}, %k: !x {weft.name = "k"}, %v: !x {weft.name = "v"}, %e: !e {weft.name = "e"},
                   %f: !e {weft.name = "f"}) -> (!x {weft.name = "out"}) {
  %ek = func.call @project_tokens(%k, %e) : (!x, !e) -> !short
  %fv = func.call @project_tokens(%v, %f) : (!x, !e) -> !short
  %out = weft.attention %q, %ek, %fv normaliser(#weft.softmax) : !x, !short, !short -> !x
  return %out : !x
}
