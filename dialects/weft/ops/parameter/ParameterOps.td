//===- ParameterOps.td - weft.parameter and weft.use -------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Weft_ParameterOp : Weft_Op<"parameter", [Symbol]> {
  let summary = "declares a trained tensor that lies in a file";
  let description = [{
    The bytes of a parameter stay in the file of the model, from byte `offset` on,
    row-major, numbers or blocks of the element type one after the other, until
    they are packed at compile time.

    ```mlir
    weft.parameter @embed : tensor<49152x576x!weft.blocks<#weft.q4_1>>
      in "model.gguf" at 1714432
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type,
                       StrAttr:$file, I64Attr:$offset);
  let assemblyFormat = [{
    $sym_name `:` $type `in` $file `at` $offset attr-dict
  }];
  let hasVerifier = 1;
}

def Weft_UseOp : Weft_Op<"use", [Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "gives the value of a parameter";
  let description = [{
    ```mlir
    %w = weft.use @embed : tensor<49152x576x!weft.blocks<#weft.q4_1>>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$parameter);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$parameter attr-dict `:` type($value)";
}

def Weft_DequantizeOp : Weft_Op<"dequantize", [Pure]> {
  let summary = "turns stored numbers into f32";
  let description = [{
    `result[…] = number[…]` for blocks, f16 and bf16 alike, exact. On parameters it
    is done at compile time; the decomposition of ops with stored weights uses it.

    ```mlir
    %f = weft.dequantize %w
      : tensor<64x32x!weft.blocks<#weft.q4_1>> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins Weft_Stored:$stored);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$stored attr-dict `:` type($stored) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Weft_ImportOp : Weft_Op<"import"> {
  let summary = "names a file of functions that a model uses";
  let description = [{
    Stands at the top of a model written as text, beside its functions. `file` is
    seen from the directory of the text, and may import further files. A call of a
    function that the text does not define takes the one of that name in an imported
    file; its arguments may be of more static types than the function says. The
    front end puts the body in the place of the call, so that nothing of an import
    is left in the module it gives.

    ```mlir
    weft.import "../library/scores.mlir"
    ```
  }];
  let arguments = (ins StrAttr:$file);
  let assemblyFormat = "$file attr-dict";
}
