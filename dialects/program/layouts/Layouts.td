//===- Layouts.td - Every layout of packed parameters ------*- tablegen -*-===//

include "dialects/program/ir/ProgramDialect.td"
include "dialects/program/layouts/LayoutInterface.td"
include "mlir/IR/AttrTypeBase.td"

class Program_Layout<string name, string keyword>
    : AttrDef<Program_Dialect, name,
              [DeclareAttrInterfaceMethods<Program_LayoutAttrInterface>]> {
  let mnemonic = keyword;
}

def Program_RowsAttr : Program_Layout<"Rows", "rows"> {
  let summary = "row-major numbers, converted to the given element type";
  let description = [{
    Sources are stacked along their first axis. `type` is the packed tensor; blocks
    are dequantized into its element type.
  }];
  let parameters = (ins "::mlir::RankedTensorType":$type);
  let assemblyFormat = "`<` $type `>`";
}

def Program_PanelsAttr : Program_Layout<"Panels", "panels"> {
  let summary = "weights of N outputs by K inputs, in panels of `width` outputs";
  let description = [{
    Sources, each of rows x K, are stacked to N rows; N is padded with zeros to
    whole panels. The panels lie one after the other, each aligned to 64 bytes. With
    `storage` f32, f16 or bf16 a panel is `[K][width]`. With blocks of b numbers and
    codes of c bits it is as large as the blocks are in a file, parts in this order:

    ```
    codes   c = 8: [K / 4][width] u32: byte t is the code of k = 4 i + t; else
            [K / 8][width] u32: nibble 2 t is that of k = 8 i + t, nibble 2 t + 1
            that of k = 8 i + 4 + t, t < 4; high bits, scale codes: BlockPanels.h
    scales  [K / b][width] f16
    minima  [K / b][width] f16, where the scheme has them
    ```

    Where a block has groups (q4_k, q6_k), these multiply codes of the groups' scales
    and minima, and minima are subtracted; else they are the group's own.
    8-bit codes are unsigned: a scheme whose codes are signed (q8_0) is stored with
    128 added and has zero code 128; see getZeroCode here.
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns,
                        "::mlir::Type":$storage, "int64_t":$width);
  let assemblyFormat = [{
    `<` $rows `by` $columns `of` $storage `,` `width` $width `>`
  }];
  let extraClassDeclaration = [{
    /// The scheme, or null where numbers are stored plainly.
    SchemeAttrInterface getScheme() const;
    int64_t getPanelCount() const;
    /// Bytes of a panel, padding included, and of its parts.
    int64_t getPanelBytes() const;
    int64_t getCodesOffset() const { return 0; }
    int64_t getScalesOffset() const;
    int64_t getMinimaOffset() const;
    /// Bits of a packed code: 4 or 8.
    int64_t getCodeBits() const;
    /// The packed code that stands for zero where there is no minimum.
    int64_t getZeroCode() const;
    bool hasF16Scales() const;
  }];
}
