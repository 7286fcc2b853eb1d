//===- MemoryOps.td - Parameters, states, buffers, views ---*- tablegen -*-===//

include "dialects/program/ops/ProgramOpBase.td"

def Program_ParameterOp : Program_Op<"parameter", [Symbol, IsolatedFromAbove,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a packed parameter of the artifact";
  let description = [{
    The bytes of the model's parameters `sources` in `layout`, or `data` given here
    (small tables that the compiler computes). With `compute` what is packed is the
    result of a region on the sources, which it takes as f32 tensors of their shapes;
    `passes/layout/Evaluate.h` says which ops it may hold.

    ```mlir
    program.parameter @p0 : #program.panels<960 by 576 of f32, width 48>
      from [@q, @k, @v]
    program.parameter @frequencies : #program.rows<tensor<2xf32>>
      data dense<[1.0, 0.5]> : tensor<2xf32>
    program.parameter @decay : #program.rows<tensor<16xf32>> from [@a_log] compute {
    ^bb0(%a: tensor<16xf32>):
      %0 = math.exp %a : tensor<16xf32>
      program.yield %0 : tensor<16xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
      Program_LayoutAttrInterface:$layout,
      OptionalAttr<FlatSymbolRefArrayAttr>:$sources,
      OptionalAttr<ElementsAttr>:$data);
  let regions = (region AnyRegion:$compute);
  let assemblyFormat = [{
    $sym_name `:` $layout (`from` $sources^)? (`data` $data^)?
    attr-dict-with-keyword (`compute` $compute^)?
  }];
  let extraClassDeclaration = [{
    /// The type of its buffer: typed rows, or bytes.
    ::mlir::MemRefType getBufferType();
  }];
  let hasVerifier = 1;
}

def Program_StateOp : Program_Op<"state", [Symbol]> {
  let summary = "a state that a session keeps between calls";
  let description = [{
    `append` and `last`: rows along the first axis of `type`, as many as there is
    room for; `last` needs only the last `window`. `fixed`: the whole of `type`,
    zero at first.

    ```mlir
    program.state @layers.0.key<append> : memref<4096x3x64xf32>
    program.state @layers.1.key<last> window 255 : memref<1279x3x64xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Weft_GrowthAttr:$growth,
      TypeAttrOf<AnyMemRef>:$type, DefaultValuedAttr<I64Attr, "0">:$window);
  let assemblyFormat = [{
    $sym_name `` $growth (`window` $window^)? `:` $type attr-dict
  }];
  let hasVerifier = 1;
}

class Program_UseOp<string mnemonic> : Program_Op<mnemonic, [Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let arguments = (ins FlatSymbolRefAttr:$symbol);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$symbol attr-dict `:` type($buffer)";
}
def Program_UseParameterOp : Program_UseOp<"use_parameter"> {
  let summary = "the buffer of a packed parameter";
}
def Program_UseStateOp : Program_UseOp<"use_state"> {
  let summary = "the buffer of a state, from its first row of room on";
}

class Program_StateFactOp<string mnemonic> : Program_Op<mnemonic, [Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let arguments = (ins FlatSymbolRefAttr:$symbol);
  let results = (outs Index:$value);
  let assemblyFormat = "$symbol attr-dict";
}
def Program_StateLengthOp : Program_StateFactOp<"state_length"> {
  let summary = "rows that a state held when the call began";
}
def Program_StateOffsetOp : Program_StateFactOp<"state_offset"> {
  let summary = "row of room where the first held row of a state lies";
}
def Program_StatePositionOp : Program_Op<"position", [Pure]> {
  let summary = "tokens that the session took in before this call";
  let results = (outs Index:$value);
  let assemblyFormat = "attr-dict";
}

def Program_AllocOp : Program_Op<"alloc", [MemoryEffects<[MemAlloc]>]> {
  let summary = "a buffer for the rest of a call, before memory is planned";
  let arguments = (ins Variadic<Index>:$sizes);
  let results = (outs Res<AnyMemRef, "", [MemAlloc]>:$buffer);
  let assemblyFormat = "`(` $sizes `)` attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def Program_ArenaOp : Program_Op<"arena", [Pure]> {
  let summary = "a buffer at `offset` bytes of the arena, after planning";
  let arguments = (ins Index:$offset, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$offset `(` $sizes `)` attr-dict `:` type($buffer)";
  let hasVerifier = 1;
}

def Program_ViewOp : Program_Op<"view", [Pure, AttrSizedOperandSegments]> {
  let summary = "another shape on a buffer";
  let description = [{
    The buffer from its element `offset` on, with the dynamic `sizes` and `strides`
    of the result type, strides in elements. A view of a view adds offsets. The
    element type may differ only where `base` holds bytes.

    ```mlir
    %k = program.view %qkv at %c576 sizes(%n) strides()
      : memref<?x960xf32> to memref<?x192xf32, strided<[960, 1]>>
    ```
  }];
  let arguments = (ins AnyMemRef:$base, Index:$offset, Variadic<Index>:$sizes,
                       Variadic<Index>:$strides);
  let results = (outs AnyMemRef:$view);
  let assemblyFormat = [{
    $base `at` $offset `sizes` `(` $sizes `)` `strides` `(` $strides `)` attr-dict
    `:` type($base) `to` type($view)
  }];
  let hasVerifier = 1;
}

def Program_CopyOp : Program_Op<"copy"> {
  let summary = "copies bytes between contiguous buffers of one shape";
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source,
                       Arg<AnyMemRef, "", [MemWrite]>:$target);
  let assemblyFormat = [{
    $source `to` $target attr-dict `:` type($source) `to` type($target)
  }];
  let hasVerifier = 1;
}
