//===- StateOps.td - weft.append ---------------------------*- tablegen -*-===//

include "dialects/weft/ops/WeftOpBase.td"

def Weft_AppendOp : Weft_Op<"append", [Pure,
    DeclareOpInterfaceMethods<AggregatedOpInterface, ["decomposeOperation"]>,
    TypesMatchWith<"the next state is typed as the state", "state", "next",
                   "$_self">]> {
  let summary = "adds the tokens of a piece to a state that grows";
  let description = [{
    `state` holds rows along its axis 1, one a token; `position` is the number of
    tokens before this piece of n.

    ```
    append: seen = state[:, 0 .. position] ++ tokens, first = 0
            next = state with tokens written at rows position .. position + n
    last:   held = min(position, rows of state)
            seen = the last `held` rows of state ++ tokens, first = position - held
            next = the last rows of state ++ tokens, as many as state has
    ```

    `first` is the position of the first row of `seen`. That `last` is not moved for
    every token is decided at PROGRAM level. More tokens than a state of growth
    `append` has rows are refused by the runtime, before the call.

    ```mlir
    %seen, %first, %next = weft.append<last> %k to %state at %p
      : tensor<1x?x3x64xf32> to tensor<1x255x3x64xf32> -> tensor<1x?x3x64xf32>
    ```
  }];
  let arguments = (ins Weft_GrowthAttr:$growth, AnyRankedTensor:$tokens,
                       AnyRankedTensor:$state, Index:$position);
  let results = (outs AnyRankedTensor:$seen, Index:$first,
                      AnyRankedTensor:$next);
  let assemblyFormat = [{
    `` $growth $tokens `to` $state `at` $position attr-dict
    `:` type($tokens) `to` type($state) `->` type($seen)
  }];
  let hasVerifier = 1;
}
