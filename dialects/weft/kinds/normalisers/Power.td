//===- Power.td - s^p / (epsilon + sum s^p) ----------------*- tablegen -*-===//

def Weft_PowerAttr : Weft_Normaliser<"Power", "power"> {
  let summary = "s^p / (epsilon + sum s^p) for an even p";
  let description = [{
    `#weft.power<4, 1.0e-6>` (Zimerman et al. 2024): no exponential and no maximum.
  }];
  let parameters = (ins "int64_t":$exponent, "::mlir::FloatAttr":$epsilon);
  let assemblyFormat = "`<` $exponent `,` $epsilon `>`";
  let genVerifyDecl = 1;
}
