//===- RopeOp.td - weft.rope -------------------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_RopeOp : Weft_TokenwiseOp<"rope",
    [AllTypesMatch<["input", "out"]>], ["buildPiece", "buildToken"]> {
  let summary = "rotates pairs of channels by the position of the token";
  let description = [{
    For a token at position p = `at` + its place along axis 1, and the pair r of
    the R = `frequencies` pairs of a head:

    ```
    (a', b') = magnitude * (a cos(p f[r]) - b sin(p f[r]),
                            a sin(p f[r]) + b cos(p f[r]))
    ```

    (Su et al. 2021). `input` is batch x tokens x heads x channels. The pair r is
    channels (r, r + R) with pairing `half`, (2r, 2r + 1) with `adjacent`; channels
    from 2R on stay. `frequencies` holds f in f64, one a pair: every scaling of
    positions that papers and configurations name is a list of frequencies and a
    magnitude. The angle p f[r] is a product of numbers in f32, as it was when the
    models were trained.

    ```mlir
    %y = weft.rope %x at %p pairing half frequencies [1.0, 0.01]
      : tensor<1x?x2x4xf32>
    ```
  }];
  let arguments = (ins 4DTensorOf<[F32]>:$input, Optional<Index>:$position,
      Weft_RopePairingAttr:$pairing, DenseF64ArrayAttr:$frequencies,
      DefaultValuedAttr<F64Attr, "1.0">:$magnitude);
  let results = (outs 4DTensorOf<[F32]>:$out);
  let assemblyFormat = [{
    $input (`at` $position^)? `pairing` $pairing `frequencies`
    custom<ExactFloats>($frequencies)
    attr-dict `:` type($input)
  }];
  let hasCanonicalizeMethod = 1;
  let hasVerifier = 1;
}
