//===- Relu.td - max(s, 0)^power / keys^share --------------*- tablegen -*-===//

def Weft_ReluAttr : Weft_Normaliser<"Relu", "relu", ["buildTerm"]> {
  let summary = "max(s, 0)^power divided by (allowed keys)^share";
  let description = [{
    `#weft.relu<1, 0.0>` leaves the sum as it is, `<1, 1.0>` is `#weft.relu_mean`,
    `<1, 0.5>` keeps the variance (Shen et al. 2023), `<2, 1.0>` squares.
  }];
  let parameters = (ins "int64_t":$power, "::mlir::FloatAttr":$share);
  let assemblyFormat = "`<` $power `,` $share `>`";
  let genVerifyDecl = 1;
}
