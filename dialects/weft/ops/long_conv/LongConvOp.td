//===- LongConvOp.td - weft.long_conv ----------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_LongConvOp : Weft_TokenOp<"long_conv", [],
    ["getStreamStates", "buildPiece"]> {
  let summary = "multiplies each channel by a Toeplitz matrix of tokens";
  let description = [{
    A convolution along the tokens by filters that may be as long as the sequence.
    With L rows of the filter, and taps outside of it zero:

    ```
    out[b, t, c] = sum_s filter[t + skip - s + ahead, c div (C / G)] * input[b, s, c]
    ```

    - `input` is batch x tokens x channels, `filter` L x groups; C channels are G
      groups of neighbours, that share a filter.
    - `ahead`, the tokens after its own that a token sees, is 0; with `bidirectional`
      it is (L - 1) / 2, where L is odd: row (L - 1) / 2 is then the token itself.
    - `skip` tokens of the input get no result, 0 by default.

    This is the product with a Toeplitz matrix, and with a matrix that a constant
    transition makes of an impulse. Fast lowerings take O(S log S) for S tokens.
    Examples, the second of one filter for both heads of 8 channels:

    ```mlir
    %y = weft.long_conv %x, %f
      : tensor<1x?x64xf32>, tensor<128x64xf32> -> tensor<1x?x64xf32>
    %z = weft.long_conv %u, %g bidirectional
      : tensor<?x37x16xf32>, tensor<73x2xf32> -> tensor<?x37x16xf32>
    ```
  }];
  let arguments = (ins 3DTensorOf<[F32]>:$input, 2DTensorOf<[F32]>:$filter,
      Optional<Index>:$skip, UnitAttr:$bidirectional);
  let results = (outs 3DTensorOf<[F32]>:$out);
  let assemblyFormat = [{
    $input `,` $filter (`bidirectional` $bidirectional^)? (`skip` $skip^)?
    attr-dict `:` type($input) `,` type($filter) `->` type($out)
  }];
  let hasVerifier = 1;
}
