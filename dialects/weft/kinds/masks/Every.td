//===- Every.td - Keys at multiples of a distance ----------*- tablegen -*-===//

def Weft_EveryAttr : Weft_Mask<"Every", "every"> {
  let summary = "a query sees the keys at multiples of `stride` from itself";
  let description = [{
    `#weft.and<#weft.causal, #weft.every<8>>` is the strided half of a sparse
    transformer; with a window it is dilated attention.
  }];
  let parameters = (ins "int64_t":$stride);
  let assemblyFormat = "`<` $stride `>`";
  let genVerifyDecl = 1;
}
