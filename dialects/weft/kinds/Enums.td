//===- Enums.td - Closed choices of ops --------------------*- tablegen -*-===//
//
// What papers do not extend. What they do is a kind.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_KINDS_ENUMS_TD
#define WEFT_KINDS_ENUMS_TD

include "dialects/weft/ir/WeftDialect.td"
include "mlir/IR/EnumAttr.td"

def Weft_NormKind : I32EnumAttr<"NormKind", "the statistic of a norm", [
  I32EnumAttrCase<"Layer", 0, "layer">, I32EnumAttrCase<"Rms", 1, "rms">,
  I32EnumAttrCase<"L2", 2, "l2">]> {
  let cppNamespace = "::weft";
  let genSpecializedAttr = 0;
}
def Weft_NormKindAttr : EnumAttr<Weft_Dialect, Weft_NormKind, "norm_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Weft_RopePairing : I32EnumAttr<"RopePairing", "which channels form a pair", [
  I32EnumAttrCase<"Half", 0, "half">, I32EnumAttrCase<"Adjacent", 1, "adjacent">]> {
  let cppNamespace = "::weft";
  let genSpecializedAttr = 0;
}
def Weft_RopePairingAttr : EnumAttr<Weft_Dialect, Weft_RopePairing, "rope_pairing"> {
  let assemblyFormat = "`<` $value `>`";
}

def Weft_Growth : I32EnumAttr<"Growth", "how a state grows with the tokens", [
  I32EnumAttrCase<"Append", 0, "append">, I32EnumAttrCase<"Last", 1, "last">,
  I32EnumAttrCase<"Fixed", 2, "fixed">]> {
  let cppNamespace = "::weft";
  let genSpecializedAttr = 0;
}
def Weft_GrowthAttr : EnumAttr<Weft_Dialect, Weft_Growth, "growth"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // WEFT_KINDS_ENUMS_TD
