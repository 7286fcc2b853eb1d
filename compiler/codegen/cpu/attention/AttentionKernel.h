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
#include "compiler/codegen/cpu/rows/StoredRow.h"
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
  /// Whether the normaliser needs the whole row, which it sweeps.
  bool keepsRow() const {
    return normaliser.getStateKind() == RowStateKind::Row;
  }
  /// Whether weights are finished one by one, before they meet the values.
  bool finishesWeights() const { return hasPost || hasMass; }
  /// How often a task goes over the keys.
  int64_t countPasses() const {
    if (keepsRow())
      return normaliser.getNumSweeps() + 3;
    return finishesWeights() && hasSum() ? 2 : 1;
  }
  bool hasSum() const {
    return normaliser.getStateKind() != RowStateKind::None;
  }

  /// What the element region yields.
  enum Result { kScore, kAllowed, kPosted };

  /// The queries and keys of the lanes, by their numbers in the launch.
  struct Pairs {
    LaneValue query, key;
  };

  /// Applies the score region to a vector of scores. Lanes outside `inside`
  /// load nothing. Fails with an error on the op that has no vector form.
  mlir::FailureOr<mlir::Value> buildScore(KernelBuilder &b, mlir::Value score,
                                          HeadPlace place, Pairs pairs,
                                          mlir::Value inside) const;
  /// Applies the post region to weights that are finished.
  mlir::FailureOr<mlir::Value> buildPosted(KernelBuilder &b, mlir::Value weight,
                                           HeadPlace place, Pairs pairs,
                                           mlir::Value inside) const;
  /// Whether mask, segments and region allow each lane; null if all do.
  mlir::FailureOr<mlir::Value> buildAllowed(KernelBuilder &b, HeadPlace place,
                                            Pairs pairs,
                                            mlir::Value inside) const;
  /// Whether anything but validity restricts the pairs.
  bool isRestricted() const { return mask || querySegments || hasAllowed; }
  /// Whether loads of a lane need `inside`.
  bool readsLanes() const { return !extras.empty() || querySegments; }
  /// Where the sequence of a query or a key begins, an index or i32 lanes.
  LaneValue buildSegment(KernelBuilder &b, mlir::Value segments,
                         mlir::Value batch, LaneValue at,
                         mlir::Value inside) const;
  /// The axes but the last of a key, or of its value.
  llvm::SmallVector<KernelBuilder::Index>
  getKeyRow(KernelBuilder &b, HeadPlace place, mlir::Value key) const;
  /// Whether the key is valid, an i1.
  mlir::Value buildValid(KernelBuilder &b, mlir::Value batch,
                         mlir::Value key) const;
  /// What the mask says of queries [i, iEnd) and keys [j, jEnd) of one
  /// sequence.
  TileRelation buildRelation(KernelBuilder &b, mlir::Value i, mlir::Value iEnd,
                             mlir::Value j, mlir::Value jEnd) const;
  /// What mask, region, segments and validity say of the queries
  /// [query, lastQuery], which are `stride` apart, and each of the keys in the
  /// lanes, by their numbers in the launch. `sequences` are the first and the
  /// last sequence of the queries, where there are segments. Keys outside
  /// `inside` are not read.
  TileRelation buildKeyRelation(KernelBuilder &b, HeadPlace place,
                                mlir::Value query, mlir::Value lastQuery,
                                LaneValue key,
                                std::optional<PositionRange> sequences,
                                mlir::Value inside) const;
  /// Whether each of the keys in the lanes is valid.
  mlir::Value buildValidLanes(KernelBuilder &b, mlir::Value batch,
                              LaneValue key, mlir::Value inside) const;
  /// Whether what is allowed changes from key to key: keys are listed one by
  /// one then, else tiles of them.
  bool listsKeys() const;
  /// The weight of a score under the reference, null without a maximum.
  mlir::Value buildWeight(KernelBuilder &b, mlir::Value score,
                          mlir::Value reference) const;
  /// The maximum, or zero while no key was allowed.
  mlir::Value buildReference(KernelBuilder &b, mlir::Value maximum) const;
  /// The larger of both, if `pairs`, null for all, allows the score. Not a
  /// number is no maximum; it reaches the sum all the same.
  static mlir::Value buildMaximum(KernelBuilder &b, mlir::Value maximum,
                                  mlir::Value score, mlir::Value pairs);
  /// Whether a weight is exp(score - maximum), and counts as itself.
  bool weighsByExp(KernelBuilder &b) const;
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
  mlir::Value query, key, value, valid, querySegments, keySegments;
  /// Whether keys and values are packed for products in bf16.
  bool isPacked;
  std::optional<StoredRow> keyRows, valueRows; ///< Set.
  mlir::SmallVector<mlir::Value> extras, indices;
  unsigned firstOutput;
  /// Distances of allowed pairs are multiples of it; so are those of the
  /// queries of a task.
  int64_t stride;
  bool hasLse, hasMass, hasAllowed, hasPost, hasNumbers;
  mlir::Value batches, queries, keys, firstQuery, firstKey;

private:
  /// Result `result` of the element region, in lanes.
  mlir::FailureOr<mlir::Value> buildRegion(KernelBuilder &b, Result result,
                                           mlir::Value score,
                                           mlir::Value weight, HeadPlace place,
                                           Pairs pairs,
                                           mlir::Value inside) const;
  /// The position within the sequence that `segments` tells.
  LaneValue buildPosition(KernelBuilder &b, LaneValue at, mlir::Value first,
                          mlir::Value segments, HeadPlace place,
                          mlir::Value inside) const;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_ATTENTIONKERNEL_H
