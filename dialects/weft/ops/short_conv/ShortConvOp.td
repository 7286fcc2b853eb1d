//===- ShortConvOp.td - weft.short_conv --------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_ShortConvOp : Weft_SequenceOp<"short_conv", [AttrSizedOperandSegments,
    OptionalTypesMatchWith<"the initial taps are typed as the final ones",
                           "final", "initial", "::llvm::cast<Type>($_self)">]> {
  let summary = "convolves each channel along the tokens, looking back only";
  let description = [{
    With W taps a channel, and tokens before the first one taken from `from`, or
    zero without it:

    ```
    acc[b, l, c] = sum_w filter[c, w] * input[b, l - (W - 1 - w) * dilation, c]
    out[b, l, c] = combine(acc, extra_0[c], …)
    final[b, :, c] = the last (W - 1) * dilation tokens of from and input
    ```

    - `input` is batch x tokens x channels, `filter` channels x W.
    - `combine` is an element-wise region; an extra has an element a channel.

    ```mlir
    %y, %taps = weft.short_conv %x, %f with %bias combine(%acc, %b) {
        %0 = arith.addf %acc, %b : f32
        weft.yield %0 : f32
      } : tensor<1x?x64xf32>, tensor<64x4xf32> with tensor<64xf32>
        -> tensor<1x?x64xf32>, tensor<1x3x64xf32>
    ```
  }];
  let arguments = (ins 3DTensorOf<[F32]>:$input, 2DTensorOf<[F32]>:$filter,
      Variadic<1DTensorOf<[F32]>>:$extras, Optional<3DTensorOf<[F32]>>:$initial,
      DefaultValuedAttr<I64Attr, "1">:$dilation);
  let results = (outs 3DTensorOf<[F32]>:$out, 3DTensorOf<[F32]>:$final);
  let regions = (region AnyRegion:$combine);
  let assemblyFormat = [{
    $input `,` $filter (`with` $extras^)? (`from` $initial^)?
    (`combine` `` custom<FloatRegion>($combine)^)? attr-dict
    `:` type($input) `,` type($filter) (`with` type($extras)^)?
    `->` type($out) `,` type($final)
  }];
  let extraClassDeclaration = [{
    /// The tokens before its own that a token depends on: (W - 1) * dilation.
    int64_t getReach();
  }];
}
