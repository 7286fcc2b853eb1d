// Imported by import.mlir; imports a further text.
weft.import "numbers.mlir"
func.func private @soften(%s: f32) -> f32 {
  %0 = func.call @half(%s) : (f32) -> f32
  %1 = math.tanh %0 : f32
  return %1 : f32
}
func.func private @round(%s: f32) -> f32 {
  %0 = func.call @round(%s) : (f32) -> f32
  return %0 : f32
}
func.func private @double(%x: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  %0 = arith.addf %x, %x : tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}
