//===- TileAttention.h - Attention on a matrix unit -------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_TILES_TILEATTENTION_H
#define WEFT_CODEGEN_CPU_ATTENTION_TILES_TILEATTENTION_H

#include "compiler/codegen/cpu/attention/Attention.h"
#include "compiler/codegen/cpu/linear/tiles/TileUnit.h"

namespace weft::cpu {

/// The emitter of attention with both products on the matrix unit: keys,
/// values, queries and weights are bf16, scores, sums and results f32. See
/// TileAttention.cpp.
class TileAttentionEmitter : public AttentionEmitter {
public:
  TileAttentionEmitter(KernelBuilder &b, AttentionKernel kernel,
                       int64_t queriesPerTask);

  void configure() { unit.configure(); }
  void release() { unit.release(); }

private:
  void startQueries(QueryBlock block, int64_t vector,
                    mlir::ValueRange rows) override;
  Values emitScores(QueryBlock block, Value count) override;
  /// Meets the values too.
  void emitWeights(QueryBlock block, Value count,
                   mlir::ValueRange newMaxima) override;
  void addValues(QueryBlock, Value) override {}
  /// Results stand transposed: see TileResults.cpp.
  void startResults(QueryBlock block) override;
  void scaleResults(QueryBlock block, mlir::ValueRange factors) override;
  void storeResults(QueryBlock block, int64_t vector, Value first, Value count,
                    Value factor) override;

  /// Emits `body` for tiles with all pairs and for others, and chooses.
  Values forPartial(const Tile &tile,
                    llvm::function_ref<Values(bool isPartial)> body);
  void multiplyKeys(QueryBlock block, Value slot);
  /// What the regions make of the products, which pairs are allowed, maxima.
  Values finishScores(QueryBlock block, const Tile &tile, bool isPartial,
                      mlir::ValueRange maxima);
  Values keepMaxima(QueryBlock block, mlir::ValueRange newMaxima);
  /// Scores of a vector of queries to weights, two rows to one of pairs; the
  /// sum goes on from `sum`, if one is kept.
  Value emitVectorWeights(QueryBlock block, const Tile &tile, int64_t vector,
                          bool isPartial, Value reference, Value sum);
  /// The groups of channels [first, last) of a vector; `weigh` makes the
  /// weights of a tile of keys, and may be null.
  void addVectorValues(QueryBlock block, Value count, int64_t vector,
                       int64_t first, int64_t last,
                       llvm::function_ref<void(const Tile &)> weigh);

  Value getKeyBlock(Value buffer, const Tile &tile, int64_t channels);
  Value getAt(Value buffer, Value number, int64_t bytes);
  /// The address of the scores of a row of tiles.
  Value getScores(QueryBlock block, Value row);

  TileUnit unit;
  int64_t steps, groups;
  Value queryTiles; ///< [block][vector][step][16][32] of bf16
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_TILES_TILEATTENTION_H
