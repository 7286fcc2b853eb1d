// Weft text with parameters in a safetensors file, by their symbols.
// RUN: weft-import %s --params %S/models/llama/model.safetensors | FileCheck %s

// CHECK: weft.parameter @model.norm.weight : tensor<32xf32> in "{{.*}}models/llama/model.safetensors" at {{[1-9][0-9]*}}
weft.parameter @model.norm.weight : tensor<32xf32> in "model" at 0

func.func @forward(%x: tensor<?x?x32xf32> {weft.name = "x", weft.sequence = 1})
    -> (tensor<?x?x32xf32> {weft.name = "y"}) {
  %g = weft.use @model.norm.weight : tensor<32xf32>
  %y = weft.norm<rms> %x scale %g epsilon 1.0e-05
    : tensor<?x?x32xf32> scale tensor<32xf32>
  return %y : tensor<?x?x32xf32>
}
