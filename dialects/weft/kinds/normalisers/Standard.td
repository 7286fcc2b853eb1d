//===- Standard.td - (s - mean) / deviation ----------------*- tablegen -*-===//

def Weft_StandardAttr : Weft_Normaliser<"Standard", "standard",
    ["buildTerm", "getNumSweeps", "buildRowStart", "buildSwept", "buildSweepNext",
     "buildRowWeight"]> {
  let summary = "(s - mean) / sqrt(variance + epsilon) over the allowed keys";
  let description = [{
    `#weft.standard<1.0e-5>`: weights that may be negative (Richter and Wattenhofer
    2020). A learned gain and bias go into the `post` region.
  }];
  let parameters = (ins "::mlir::FloatAttr":$epsilon);
  let assemblyFormat = "`<` $epsilon `>`";
}
