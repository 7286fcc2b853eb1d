//===- Where.td - Pairs where affine expressions hold ------*- tablegen -*-===//

def Weft_WhereAttr : Weft_Mask<"Where", "where"> {
  let summary = "a pair is allowed where no result of an affine map is negative";
  let description = [{
    Any mask that needs no name: a map of the position of the query, that of the
    key, and their distance. An equation is two results. Masks come together by
    `and` and `or`. Blocks of 64 tokens, and every third token looking back:

    ```mlir
    #weft.where<affine_map<(i, j, d) -> (i floordiv 64 - j floordiv 64,
                                         j floordiv 64 - i floordiv 64)>>
    #weft.where<affine_map<(i, j, d) -> (d, -(d mod 3))>>
    ```
  }];
  let parameters = (ins "::mlir::AffineMapAttr":$map);
  let assemblyFormat = "`<` $map `>`";
  let genVerifyDecl = 1;
}
