//===- TopKOp.td - weft.top_k ------------------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_TopKOp : Weft_TokenwiseOp<"top_k"> {
  let summary = "finds the greatest numbers of each row, and where they stand";
  let description = [{
    Of the last axis of `input`, the k greatest numbers from the greatest on, and
    their places; of equal ones the first goes first. k is the last size of the
    results. A place past the numbers of a row (k greater than the row) holds minus
    infinity and place -1.

    ```mlir
    %best, %at = weft.top_k %logits
      : tensor<1x?x128xf32> -> tensor<1x?x4xf32>, tensor<1x?x4xi64>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input);
  let results = (outs RankedTensorOf<[F32]>:$values, RankedTensorOf<[I64]>:$places);
  let assemblyFormat = [{
    $input attr-dict `:` type($input) `->` type($values) `,` type($places)
  }];
  let hasVerifier = 1;
}
