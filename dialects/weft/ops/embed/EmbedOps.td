//===- EmbedOps.td - weft.embed and weft.positions ---------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_EmbedOp : Weft_TokenwiseOp<"embed"> {
  let summary = "looks up the row of each id";
  let description = [{
    `out[…, c] = table[ids[…], c]`, with the table in any storage. An id outside the
    table gives zeros: ids are data, and data never crashes a kernel.

    ```mlir
    %x = weft.embed %ids, %table
      : tensor<1x?xi64>, tensor<128x64xf32> -> tensor<1x?x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I64, I32]>:$ids, Weft_Stored2D:$table);
  let results = (outs RankedTensorOf<[F32]>:$out);
  let assemblyFormat = [{
    $ids `,` $table attr-dict `:` type($ids) `,` type($table) `->` type($out)
  }];
  let hasVerifier = 1;
}

def Weft_PositionsOp : Weft_TokenwiseOp<"positions",
    [AllTypesMatch<["ids", "out"]>], ["buildPiece", "buildToken"]> {
  let summary = "gives the position of each token";
  let description = [{
    `out[b, l] = at + l + offset` for ids of batch x tokens; `at` is the position of
    the first token, 0 by default.

    ```mlir
    %p = weft.positions %ids offset 2 : tensor<1x?xi64>
    ```
  }];
  let arguments = (ins 2DTensorOf<[I64, I32]>:$ids, Optional<Index>:$position,
                       DefaultValuedAttr<I64Attr, "0">:$offset);
  let results = (outs 2DTensorOf<[I64, I32]>:$out);
  let assemblyFormat = [{
    $ids (`at` $position^)? (`offset` $offset^)? attr-dict `:` type($ids)
  }];
  let hasCanonicalizeMethod = 1;
}
