//===- Entmax.td - Sparse weights of a Tsallis entropy -----*- tablegen -*-===//

def Weft_EntmaxAttr : Weft_Normaliser<"Entmax", "entmax",
    ["getNumSweeps", "buildRowStart", "buildSwept", "buildSweepNext",
     "buildRowWeight"]> {
  let summary = "max((alpha - 1) s - threshold, 0)^(1 / (alpha - 1)), of sum 1";
  let description = [{
    `#weft.entmax<2.0>` is sparsemax (Martins and Astudillo 2016), `<1.5>` the
    1.5-entmax (Peters et al. 2019). The threshold is found by halving.
  }];
  let parameters = (ins "::mlir::FloatAttr":$alpha);
  let assemblyFormat = "`<` $alpha `>`";
  let genVerifyDecl = 1;
}
