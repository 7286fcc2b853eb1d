//===- Q8_0.td - 8 bits, a scale for 32 --------------------*- tablegen -*-===//

def Weft_Q8_0Attr : Weft_Scheme<"Q8_0", "q8_0", 32, 34, 8, 32, 0, 0> {
  let summary = "8 bits, a scale for 32";
  let description = [{
    f16 scale, 32 x i8: `number = scale * code`.
  }];
}
