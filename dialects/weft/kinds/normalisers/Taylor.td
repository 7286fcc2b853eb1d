//===- Taylor.td - exp to its second order -----------------*- tablegen -*-===//

def Weft_TaylorAttr : Weft_Normaliser<"Taylor", "taylor"> {
  let summary = "t(s) / sum t(s) with t(s) = 1 + s + s^2 / 2, which is positive";
}
