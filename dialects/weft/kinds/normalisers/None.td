//===- None.td - The score is the weight -------------------*- tablegen -*-===//

def Weft_NoneAttr : Weft_Normaliser<"None", "none"> {
  let summary = "the score itself, each key on its own: no state";
}
