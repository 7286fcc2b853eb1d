//===- WeftTypes.td - Types of the weft dialect ------------*- tablegen -*-===//

#ifndef WEFT_TYPES_TD
#define WEFT_TYPES_TD

include "dialects/weft/ir/WeftDialect.td"
include "dialects/weft/kinds/KindInterfaces.td"
include "mlir/IR/AttrTypeBase.td"

def Weft_BlocksType : TypeDef<Weft_Dialect, "Blocks"> {
  let mnemonic = "blocks";
  let summary = "a number stored in blocks by a scheme";
  let description = [{
    The element type of a tensor whose last axis is stored in blocks. The shape
    stays the logical one: `tensor<576x1536x!weft.blocks<#weft.q4_1>>` has 576 rows of
    1536 numbers, 48 blocks a row.
  }];
  let parameters = (ins "SchemeAttrInterface":$scheme);
  let assemblyFormat = "`<` $scheme `>`";
}

#endif // WEFT_TYPES_TD
