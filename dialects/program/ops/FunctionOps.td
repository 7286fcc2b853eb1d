//===- FunctionOps.td - Functions of an artifact -----------*- tablegen -*-===//

include "dialects/program/ops/ProgramOpBase.td"

def Program_FunctionOp : Program_Op<"function", [IsolatedFromAbove, Symbol,
    SingleBlockImplicitTerminator<"ReturnOp">]> {
  let summary = "a function of the artifact";
  let description = [{
    The arguments of its block are the inputs, then the outputs, all memrefs that
    the caller gives. `dims` says of each, axis by axis, its size, or -1 - s for
    symbol s; `symbols` names the symbols, `maxima` gives the largest value of each,
    which sizes the arena.

    ```mlir
    program.function @prefill inputs ["input_ids"] outputs ["logits"]
        dims [[1, -1], [1, 128]] symbols ["tokens"] maxima [512] {
    ^bb0(%ids: memref<1x?xi64>, %logits: memref<1x128xf32>):
      %tokens = program.symbol 0
      program.return tokens %tokens
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$input_names,
      StrArrayAttr:$output_names, ArrayAttr:$dims, StrArrayAttr:$symbols,
      DenseI64ArrayAttr:$maxima);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `inputs` $input_names `outputs` $output_names `dims` $dims
    `symbols` $symbols `maxima` $maxima attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Program_ReturnOp : Program_Op<"return", [Terminator, AttrSizedOperandSegments,
                                             HasParent<"FunctionOp">]> {
  let summary = "ends a function";
  let description = [{
    `tokens` is how many tokens the call adds to the states, `arena` how many bytes
    of scratch it needs, once memory is planned. Both come from symbols alone.
  }];
  let arguments = (ins Optional<Index>:$tokens, Optional<Index>:$arena);
  let assemblyFormat = "(`tokens` $tokens^)? (`arena` $arena^)? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::Value(), ::mlir::Value()); }]>];
}

def Program_SymbolOp : Program_Op<"symbol", [Pure]> {
  let summary = "gives the value of a symbol of the function";
  let arguments = (ins I64Attr:$number);
  let results = (outs Index:$value);
  let assemblyFormat = "$number attr-dict";
  let hasVerifier = 1;
}
