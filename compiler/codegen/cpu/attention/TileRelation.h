//===- TileRelation.h - What a mask says of a tile at run time --*- C++ -*-===//
//
// `MaskAnalysis` runs the IR of a mask on ranges of integers in the compiler.
// Where positions are known only when the kernel runs, the same is built as IR
// on the first and last of each range: a few scalar ops a tile, or vectors of
// i32 with a range in each lane. Numbers of one remainder are told too, so that
// what is allowed at a stride can be left out.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_TILERELATION_H
#define WEFT_CODEGEN_CPU_ATTENTION_TILERELATION_H

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "dialects/weft/kinds/Kinds.h"

namespace weft::cpu {

/// Positions [first, last], `step` apart: 0 for one position. Both are indices,
/// or vectors of i32.
struct PositionRange {
  mlir::Value first, last;
  int64_t step = 1;
};

/// Conditions that err on the safe side: `any` may hold where no pair is
/// allowed, `all` may fail where every pair is.
struct TileRelation {
  mlir::Value any, all;
};

/// Builds what `mask` says of the pairs of queries at `i` and keys at `j`,
/// which are `distance` apart. Positions that are not known may be any.
TileRelation buildTileRelation(KernelBuilder &b, MaskAttrInterface mask,
                               std::optional<PositionRange> i,
                               std::optional<PositionRange> j,
                               PositionRange distance);

/// Builds what the result of number `result` of an element region says, where
/// of some of its arguments the ranges are known. What is read from memory may
/// be anything.
TileRelation buildRegionRelation(
    KernelBuilder &b, mlir::Region &region, unsigned result,
    llvm::ArrayRef<std::pair<unsigned, PositionRange>> arguments);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_TILERELATION_H
