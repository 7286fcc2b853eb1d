//===- Q6_K.td - 6 bits, two-level scales for 16 in 256 ----*- tablegen -*-===//

def Weft_Q6_KAttr : Weft_Scheme<"Q6_K", "q6_k", 256, 210, 6, 16, 0, 32> {
  let summary = "6 bits, two-level scales for 16 in 256";
  let description = [{
    128 bytes of low nibbles, 64 bytes of high pairs, 16 x i8 scale, f16
    d: `number = d * scale * (code - 32)`.
  }];
}
