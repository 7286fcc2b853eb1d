//===- AttentionKernel.h - What attention kernels share ---------*- C++ -*-===//
//
// The operands and the config of families attention and attention_decode, read
// once, and the parts of a score that both build: region, mask and validity.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_ATTENTIONKERNEL_H
#define WEFT_CODEGEN_CPU_ATTENTION_ATTENTIONKERNEL_H

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/attention/TileRelation.h"
#include "dialects/weft/kinds/Kinds.h"

namespace weft::cpu {

/// The head that a task works on.
struct HeadPlace {
  mlir::Value batch, head, keyHead;
};

struct AttentionKernel {
  /// Reads the kernel of `b`. The buffers from `out` on are the outputs.
  static mlir::FailureOr<AttentionKernel> read(KernelBuilder &b);

  bool hasMaximum() const {
    return normaliser.getStateKind() == RowStateKind::MaxSum;
  }
  bool hasSum() const {
    return normaliser.getStateKind() != RowStateKind::None;
  }

  /// Applies the score region to a vector of scores at lanes `i` and `j`,
  /// counted from the first query and key of the launch. Lanes outside `mask`
  /// load nothing. Fails with an error on the op that has no vector form.
  mlir::FailureOr<mlir::Value> buildScore(KernelBuilder &b, mlir::Value score,
                                          HeadPlace place, LaneValue i,
                                          LaneValue j, mlir::Value mask) const;
  /// Whether the mask allows each lane; null without a mask.
  mlir::Value buildAllowed(KernelBuilder &b, LaneValue i, LaneValue j) const;
  /// Whether the key is valid, an i1.
  mlir::Value buildValid(KernelBuilder &b, mlir::Value batch,
                         mlir::Value key) const;
  /// What the mask says of queries [i, iEnd) and keys [j, jEnd).
  TileRelation buildRelation(KernelBuilder &b, mlir::Value i, mlir::Value iEnd,
                             mlir::Value j, mlir::Value jEnd) const;
  /// The maximum, or zero while no key was allowed.
  mlir::Value buildReference(KernelBuilder &b, mlir::Value maximum) const;
  /// What finishes a weighted sum by multiplication: null where the normaliser
  /// does more than to scale.
  mlir::Value buildFinishFactor(KernelBuilder &b, mlir::Value sum) const;
  /// `acc` finished, by the factor if there is one.
  mlir::Value buildFinish(KernelBuilder &b, mlir::Value acc, mlir::Value sum,
                          mlir::Value factor) const;

  NormaliserAttrInterface normaliser;
  MaskAttrInterface mask;
  double scale;
  int64_t heads, keyHeads, channels, valueChannels;
  mlir::Value query, key, value, valid;
  mlir::SmallVector<mlir::Value> extras;
  unsigned firstOutput;
  bool hasLse;
  mlir::Value batches, queries, keys, firstQuery, firstKey;
};

/// Reverses rows and columns of a square of vectors, in place.
void transpose(KernelBuilder &b, llvm::SmallVectorImpl<mlir::Value> &rows);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_ATTENTIONKERNEL_H
