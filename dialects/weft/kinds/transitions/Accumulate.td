//===- Accumulate.td - S = S + write -----------------------*- tablegen -*-===//

def Weft_AccumulateAttr : Weft_Transition<"Accumulate", "accumulate"> {
  let summary = "S = S + k v^T, no gate: nothing is forgotten";
}
