//===- Attention.h - Emits the tiles of an attention kernel -----*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H
#define WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H

#include "compiler/codegen/cpu/attention/AttentionKernel.h"

namespace weft::cpu {

/// Emits one task: a block of queries of a head. See Attention.cpp.
class AttentionEmitter {
public:
  AttentionEmitter(KernelBuilder &b, AttentionKernel kernel,
                   int64_t queriesPerTask);

  void emitTask(mlir::Value task);
  /// Whether the score region could be built.
  mlir::LogicalResult getStatus() const { return status; }

private:
  using Value = mlir::Value;
  using Values = KernelBuilder::Values;

  /// Vectors of queries that a block has.
  static constexpr int64_t kVectors = 2;

  /// `width` queries from `first` on, the block `number` of the task.
  struct QueryBlock {
    Value number, first;
  };
  /// Rows [first, last) of the scores hold all that is allowed; `all` tells
  /// whether everything in them is.
  struct ScoreRange {
    Value first, last, all;
    Values maxima;
  };

  void start(QueryBlock block);
  void takeKeys(QueryBlock block, Value firstKey);
  ScoreRange emitScores(QueryBlock block, Value firstKey, Value keyCount);
  /// The scores of `keyTile` keys from `row` of the block on. With
  /// `someAllowed`, each pair is asked for, and keys past the last are left
  /// out.
  Values emitScoreTile(QueryBlock block, Value firstKey, Value row,
                       mlir::ValueRange maxima, bool someAllowed);
  Values emitProducts(QueryBlock block, llvm::ArrayRef<Value> keys);
  Value buildAllowed(QueryBlock block, int64_t vector, Value key,
                     Value inRange);
  void emitWeights(QueryBlock block, const ScoreRange &range);
  void emitRescale(QueryBlock block, mlir::ValueRange newMaxima);
  void emitWeightRows(QueryBlock block, const ScoreRange &range,
                      mlir::ValueRange references, bool someAllowed);
  void addValues(QueryBlock block, Value firstKey, Value from, Value to);
  void finish(QueryBlock block);

  void storeAllowed(Value mask, Value row, int64_t vector);
  Value loadAllowed(Value row, int64_t vector);

  KernelBuilder &b;
  AttentionKernel a;
  int64_t lanes, width, keyTile, channelTile, keyBlock, queriesPerTask;
  /// Scratch: queries [block, channel, lane], outs likewise, scores [key,
  /// lane], allowed [key, vector] with a bit a lane, a square to transpose, and
  /// the state of the normaliser [block, lane].
  Value queries, outs, scores, allowed, square, maxima, sums;
  HeadPlace place;
  Value queryBegin, queryEnd;
  mlir::LogicalResult status = mlir::success();
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H
