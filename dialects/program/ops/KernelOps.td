//===- KernelOps.td - Kernels and their launches -----------*- tablegen -*-===//

include "dialects/program/ops/ProgramOpBase.td"

def Program_KernelOp : Program_Op<"kernel", [IsolatedFromAbove, Symbol,
                                             NoTerminator]> {
  let summary = "a kernel, described for every target at once";
  let description = [{
    An emitter of the target, registered for `family`, makes the code. `operands` are
    the types of the buffers, `scalars` the number of index scalars; `config` is what
    the family takes (docs/program-level.md). `tasks` gives the number of independent
    tasks from the scalars, as symbols of the map. `element` is the family's
    element-wise region, if any: it ends in `weft.yield` (`program.yield` in family
    `generic`), and takes, after the family's own arguments, the extra buffers that it
    may load from.

    ```mlir
    program.kernel @linear_0 family "linear" config {k = 576, n = 960}
      tasks affine_map<()[m] -> (m ceildiv 96 * 20)>
      operands [memref<?x576xf32>, memref<2211840xi8>, memref<?x960xf32>] scalars 1
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$family,
      DictionaryAttr:$config, AffineMapAttr:$tasks, TypeArrayAttr:$operand_types,
      I64Attr:$scalars);
  let regions = (region AnyRegion:$element);
  let assemblyFormat = [{
    $sym_name `family` $family `config` $config `tasks` $tasks
    `operands` $operand_types `scalars` $scalars attr-dict-with-keyword
    (`element` $element^)?
  }];
  let hasVerifier = 1;
}

def Program_LaunchOp : Program_Op<"launch", [AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a kernel";
  let description = [{
    `label` names the model's op for traces. Which buffers are written is said by
    `writes`, numbers of operands; the others are only read. `work` is the number of
    floating-point operations that the result takes, a multiplication and an addition
    counted as two, for profiles; a launch without it is one that moves data.

    ```mlir
    program.launch @linear_0 tasks(%t) buffers(%x, %w, %y) scalars(%m) writes [2]
      work(%flops) : memref<?x576xf32>, memref<2211840xi8>, memref<?x960xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Index:$tasks,
      Variadic<AnyMemRef>:$buffers, Variadic<Index>:$scalars,
      Optional<Index>:$work, DenseI64ArrayAttr:$writes, OptionalAttr<StrAttr>:$label);
  let assemblyFormat = [{
    $kernel `tasks` `(` $tasks `)` `buffers` `(` $buffers `)`
    `scalars` `(` $scalars `)` `writes` $writes (`work` `(` $work^ `)`)?
    (`label` $label^)? attr-dict `:` type($buffers)
  }];
  let hasVerifier = 1;
}

def Program_YieldOp : Program_Op<"yield", [Pure, ReturnLike, Terminator]> {
  let summary = "gives the results of a region";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def Program_IndexOp : Program_Op<"index", [Pure]> {
  let summary = "gives the place along a loop of a generic kernel";
  let description = [{
    Stands in the element region of a kernel of family `generic` for the
    `linalg.index` of the body that it was made from.
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>]>:$loop);
  let results = (outs Index:$place);
  let assemblyFormat = "$loop attr-dict";
}
