//===- Q5_1.td - 5 bits, a scale and a minimum for 32 ------*- tablegen -*-===//

def Weft_Q5_1Attr : Weft_Scheme<"Q5_1", "q5_1", 32, 24, 5, 32, 1, 0> {
  let summary = "5 bits, a scale and a minimum for 32";
  let description = [{
    f16 scale, f16 minimum, 32 fifth bits, nibbles as in q4_0: `number =
    scale * code + minimum`.
  }];
}
