//===- Mean.td - s / allowed keys --------------------------*- tablegen -*-===//

def Weft_MeanAttr : Weft_Normaliser<"Mean", "mean", ["buildTerm"]> {
  let summary = "the score divided by the number of allowed keys";
}
