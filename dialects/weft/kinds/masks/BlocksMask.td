//===- BlocksMask.td - A list of blocks of keys for each block *- tablegen -*-===//

def Weft_BlocksMaskAttr : Weft_Mask<"BlocksMask", "block_list"> {
  let summary = "the tokens of block n see those of the blocks in list n";
  let description = [{
    Any pattern that is known at compile time, as the random blocks of a sparse
    transformer. Blocks have `size` tokens; a query past the lists sees none.

    ```mlir
    #weft.block_list<64, [[0, 3], [1], [0, 2]]>
    ```
  }];
  let parameters = (ins "int64_t":$size, "::mlir::ArrayAttr":$lists);
  let assemblyFormat = "`<` $size `,` $lists `>`";
  let genVerifyDecl = 1;
}
