//===- Global.td - The first tokens see and are seen by all *- tablegen -*-===//

def Weft_GlobalAttr : Weft_Mask<"Global", "global"> {
  let summary = "the first `count` tokens see all keys and are seen by all queries";
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
}
