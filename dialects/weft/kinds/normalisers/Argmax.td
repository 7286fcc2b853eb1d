//===- Argmax.td - All weight on the best key --------------*- tablegen -*-===//

def Weft_ArgmaxAttr : Weft_Normaliser<"Argmax", "argmax"> {
  let summary = "all weight on the key of the best score; equals share it";
}
