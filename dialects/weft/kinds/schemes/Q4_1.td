//===- Q4_1.td - 4 bits, a scale and a minimum for 32 ------*- tablegen -*-===//

def Weft_Q4_1Attr : Weft_Scheme<"Q4_1", "q4_1", 32, 20, 4, 32, 1, 0> {
  let summary = "4 bits, a scale and a minimum for 32";
  let description = [{
    f16 scale, f16 minimum, nibbles as in q4_0: `number = scale * code +
    minimum`.
  }];
}
