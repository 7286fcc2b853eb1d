//===- TopK.td - Softmax over the best keys ----------------*- tablegen -*-===//

def Weft_TopKAttr : Weft_Normaliser<"TopK", "top_k",
    ["getNumSweeps", "buildRowStart", "buildSwept", "buildSweepNext",
     "buildRowWeight"]> {
  let summary = "softmax over the `count` keys of the best scores";
  let description = [{
    Keys that equal the last of them are kept as well. The threshold is found by
    halving the numbers of f32 between minus infinity and the maximum, and is exact.
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
  let genVerifyDecl = 1;
}
