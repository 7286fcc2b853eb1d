//===- Q5_0.td - 5 bits, a scale for 32 --------------------*- tablegen -*-===//

def Weft_Q5_0Attr : Weft_Scheme<"Q5_0", "q5_0", 32, 22, 5, 32, 0, 16> {
  let summary = "5 bits, a scale for 32";
  let description = [{
    f16 scale, 32 fifth bits, nibbles as in q4_0: `number = scale * (code
    - 16)`.
  }];
}
