//===- NormOp.td - weft.norm -------------------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"
include "mlir/IR/EnumAttr.td"

def Weft_NormOp : Weft_TokenwiseOp<"norm", [AttrSizedOperandSegments,
    AllTypesMatch<["input", "out"]>]> {
  let summary = "normalises each row over its last axis";
  let description = [{
    For a row x of C numbers:

    ```
    layer: y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon)
    rms:   y = x / sqrt(mean(x^2) + epsilon)
    l2:    y = x / sqrt(sum(x^2) + epsilon)
    out[c] = y[c] * scale[c] + shift[c]
    ```

    (Ba et al. 2016; Zhang and Sennrich 2019). Sums are taken in f32.

    ```mlir
    %y = weft.norm<rms> %x scale %g epsilon 1.0e-05
      : tensor<1x?x576xf32> scale tensor<576xf32>
    ```
  }];
  let arguments = (ins Weft_NormKindAttr:$kind, RankedTensorOf<[F32]>:$input,
      Optional<1DTensorOf<[F32]>>:$scale, Optional<1DTensorOf<[F32]>>:$shift,
      F32Attr:$epsilon);
  let results = (outs RankedTensorOf<[F32]>:$out);
  let assemblyFormat = [{
    `` $kind $input (`scale` $scale^)? (`shift` $shift^)? `epsilon` $epsilon
    attr-dict `:` type($input) (`scale` type($scale)^)?
    (`shift` type($shift)^)?
  }];
  let hasVerifier = 1;
}
