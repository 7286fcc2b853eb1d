//===- Scheme.td - How a block of numbers is stored --------*- tablegen -*-===//

#ifndef WEFT_KINDS_SCHEME_TD
#define WEFT_KINDS_SCHEME_TD

include "mlir/IR/Interfaces.td"

def Weft_SchemeAttrInterface : AttrInterface<"SchemeAttrInterface"> {
  let cppNamespace = "::weft";
  let description = [{
    How consecutive numbers of a row are stored as a block: so many numbers in so
    many bytes, scales included. The element type `!weft.blocks<scheme>` carries
    it; the scales are data, never part of a type. What the bytes mean is said
    once, as `BlockFormat`, which packing and dequantization follow:

    ```
    number = scale * (code - zero) + minimum
    ```

    with codes of `codeBits`, and a scale and a minimum (where there is one) for
    each `groupSize` numbers.
  }];
  let methods = [
    InterfaceMethod<"Numbers in a block.", "int64_t", "getBlockSize">,
    InterfaceMethod<"Bytes of a block.", "int64_t", "getBlockBytes">,
    InterfaceMethod<"Bits of a code.", "int64_t", "getCodeBits">,
    InterfaceMethod<"Numbers that share a scale; divides the block size.",
      "int64_t", "getGroupSize">,
    InterfaceMethod<"Whether a group has a minimum beside its scale.",
      "bool", "hasMinimum">,
    InterfaceMethod<"The code that stands for zero where there is no minimum.",
      "int64_t", "getZeroCode">,
  ];
}

#endif // WEFT_KINDS_SCHEME_TD
