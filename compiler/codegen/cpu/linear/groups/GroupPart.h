//===- GroupPart.h - A part of a panel of blocks, as bytes ------*- C++ -*-===//
//
// What register tiles multiply with precision `int8` where weights come in
// groups with scales of their own. Codes are bytes as they are stored; those of
// fewer bits are unpacked. A group is products of integers, exact, and then a
// step of the sum in f32:
//
//   sum = fma(row's scale, group, sum)
//   group = scale * sum_k (code[k] - zero code) x[k]
//   group = fma(minimum, sum_k x[k], group)             where there is one
//
// x are the codes of a row. Groups are added up in order, over all of K: all
// levels give the same bits.
//
// The sum of integers begins with the bits of 1.5 * 2^23, so that it need not
// be converted: fma(scale, 1.5 * 2^23 + sum, -1.5 * 2^23 * scale) is scale *
// sum rounded once, as a scale has 19 bits at most.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_LINEAR_GROUPS_GROUPPART_H
#define WEFT_CODEGEN_CPU_LINEAR_GROUPS_GROUPPART_H

#include "compiler/codegen/cpu/linear/ByteDot.h"
#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "compiler/codegen/cpu/linear/WeightFetch.h"
#include "compiler/codegen/cpu/linear/groups/RowCodes.h"

namespace weft::cpu {

/// Room for a part of a panel of a kernel's products, one after another.
struct GroupScratch {
  GroupScratch(KernelBuilder &b, const LinearKernel &kernel);
  mlir::Value scales, starts, minima; ///< [groups of a part][width] of f32
  mlir::Value bytes;                  ///< [K of a part / 4][width] of i32
};

class GroupPart {
public:
  /// Of `work`, whose sums it adds to. `isFew`: there are few tiles; each
  /// unpacks codes in registers and fetches what comes up to `lastPanel`.
  GroupPart(KernelBuilder &b, const LinearKernel &kernel,
            const GroupScratch &scratch, RowCodes &rows, const TileWork &work,
            mlir::Value lastPanel, bool isFew);

  /// Gets scales and minima ready, and codes unless rows are few.
  void prepare();

  /// A register tile: rows from `row` of the block on, columns from `column`.
  struct Tile {
    mlir::Value row, column;
    int64_t height, vectors;
  };
  /// Numbers of K in a step: a group.
  int64_t getStep() const { return layout.getScheme().getGroupSize(); }
  /// Adds step `step` of the part to `sums`: by row, then vector.
  void multiplyStep(const Tile &tile, mlir::Value step,
                    llvm::MutableArrayRef<mlir::Value> sums);
  /// Whether steps fetch the weights that come next.
  bool fetches() const { return isFew; }

private:
  bool unpacks() const;
  void prepareScales(GroupScales &from, mlir::Value group, mlir::Value step);
  void unpack(mlir::Value group, mlir::Value step);
  llvm::SmallVector<GroupDot::Sum>
  multiplyCodes(const Tile &tile, mlir::Value group, mlir::Value step);

  KernelBuilder &b;
  const LinearKernel &kernel;
  const GroupScratch &scratch;
  RowCodes &rows;
  unsigned product;
  program::PanelsAttr layout;
  Panel panel;
  BlockFetch stream;
  ColumnRange range;
  bool isFew;
  CodeReader reader;
  GroupDot dot;
  mlir::Value firstGroup; ///< Of the part.
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_LINEAR_GROUPS_GROUPPART_H
