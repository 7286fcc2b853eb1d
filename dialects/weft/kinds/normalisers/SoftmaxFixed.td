//===- SoftmaxFixed.td - Softmax under a constant ----------*- tablegen -*-===//

def Weft_SoftmaxFixedAttr : Weft_Normaliser<"SoftmaxFixed", "softmax_fixed"> {
  let summary = "exp(s - level) / sum exp(s - level), without a maximum";
  let description = [{
    The same as softmax while no score is some 80 above `level`, a constant that was
    measured for the model (Hong et al. 2024): parts of a row then add without being
    rescaled. A row that goes over is infinite over infinite, which shows.
  }];
  let parameters = (ins "::mlir::FloatAttr":$level);
  let assemblyFormat = "`<` $level `>`";
}
