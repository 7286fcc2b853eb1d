//===- Chunk.td - Tokens of one block ----------------------*- tablegen -*-===//

def Weft_ChunkAttr : Weft_Mask<"Chunk", "chunk"> {
  let summary = "a query sees the keys of its own block of `size` tokens";
  let description = [{
    `offset` moves the borders of blocks: the first block has `size - offset` tokens.
  }];
  let parameters = (ins "int64_t":$size, DefaultValuedParameter<"int64_t", "0">:$offset);
  let assemblyFormat = "`<` $size (`,` $offset^)? `>`";
  let genVerifyDecl = 1;
}
