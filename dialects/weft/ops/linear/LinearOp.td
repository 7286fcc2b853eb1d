//===- LinearOp.td - weft.linear ---------------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_LinearOp : Weft_TokenwiseOp<"linear", [
    AttrSizedOperandSegments, SingleBlock,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "products of each row with weights, combined element by element";
  let description = [{
    For each row of `input`, over its last axis of K numbers, and each weight p of
    N x K (an output's weights are a row, as model files store them):

    ```
    acc_p[n] = sum_k input[k] * weights_p[n, k]
    out[n] = combine(acc_0[n], acc_1[n], …, extra_0[n], extra_1[n], …)
    ```

    - `weights` have the same N x K each and any storage: f32, f16, bf16 or blocks.
    - `combine` is an element-wise region; without it there is one weight and
      `out = acc_0`. It may use values from outside only if they are constants.
    - An extra is shaped N (bias, scale) or as `out` (residual, gate).

    Bias and residual, and a gated unit, silu(gate) * up, as one op:

    ```mlir
    %y = weft.linear %x, %w with %bias, %residual
      combine(%acc, %b, %r) {
        %0 = arith.addf %acc, %b : f32
        %1 = arith.addf %0, %r : f32
        weft.yield %1 : f32
      } : tensor<1x?x64xf32>, tensor<32x64xf32>
        with tensor<32xf32>, tensor<1x?x32xf32> -> tensor<1x?x32xf32>
    %h = weft.linear %x, %gate, %up combine(%g, %u) {
        %0 = arith.negf %g : f32
        %1 = math.exp %0 : f32
        %one = arith.constant 1.0 : f32
        %2 = arith.addf %1, %one : f32
        %3 = arith.divf %g, %2 : f32
        %4 = arith.mulf %3, %u : f32
        weft.yield %4 : f32
      } : tensor<1x?x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>
        -> tensor<1x?x32xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input,
      Variadic<Weft_Stored2D>:$weights, Variadic<RankedTensorOf<[F32]>>:$extras);
  let results = (outs RankedTensorOf<[F32]>:$out);
  let regions = (region AnyRegion:$combine);
  let assemblyFormat = [{
    $input `,` $weights (`with` $extras^)?
    (`combine` `` custom<FloatRegion>($combine)^)? attr-dict
    `:` type($input) `,` type($weights) (`with` type($extras)^)?
    `->` type($out)
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}
