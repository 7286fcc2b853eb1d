//===- Q4_0.td - 4 bits, a scale for 32 --------------------*- tablegen -*-===//

def Weft_Q4_0Attr : Weft_Scheme<"Q4_0", "q4_0", 32, 18, 4, 32, 0, 8> {
  let summary = "4 bits, a scale for 32";
  let description = [{
    f16 scale, 16 bytes whose low nibbles are numbers 0-15 and high
    nibbles 16-31: `number = scale * (code - 8)`.
  }];
}
