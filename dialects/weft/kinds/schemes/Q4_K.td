//===- Q4_K.td - 4 bits, two-level scales and minima for 32 in 256 *- tablegen -*-===//

def Weft_Q4_KAttr : Weft_Scheme<"Q4_K", "q4_k", 256, 144, 4, 32, 1, 0> {
  let summary = "4 bits, two-level scales and minima for 32 in 256";
  let description = [{
    f16 d, f16 dmin, 8 pairs of 6-bit scale and minimum in 12 bytes, 128
    bytes of nibbles: `number = d * scale * code - dmin * minimum`.
  }];
}
