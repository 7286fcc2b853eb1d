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
  /// Scores are made tile by tile, where they become weights.
  Values emitScores(QueryBlock, Value) override { return {}; }
  void emitWeights(QueryBlock block, Value count, mlir::ValueRange) override;
  void addValues(QueryBlock block, Value count) override;

  /// Emits `body` for tiles with all pairs and for others, and chooses.
  Values forPartial(QueryBlock block, Value slot,
                    llvm::function_ref<Values(bool isPartial)> body);

  //===--- TileAttention.cpp ----------------------------------------------===//

  /// Emits an instruction of the unit.
  using Step = std::function<void()>;

  static void take(llvm::ArrayRef<Step> list) {
    for (const Step &step : list)
      step();
  }
  /// Tiles of keys whose scores are there at a time.
  static constexpr int64_t kScoreTiles = 2;

  /// The row of the scores, and of what is allowed, of a tile.
  Value getScoreRow(Value slot);
  /// The products of a tile of keys with the queries; addresses are emitted at
  /// once.
  llvm::SmallVector<Step> getProducts(QueryBlock block, Value slot);
  /// Stores what the unit has multiplied last, the scores of tile `slot`.
  llvm::SmallVector<Step> getScoreStores(QueryBlock block, Value slot);
  void makeScores(QueryBlock block, Value slot);
  void finishScores(QueryBlock block, Value slot);
  void finishRows(QueryBlock block, Value slot, bool isPartial);
  /// A query of the block and the keys of half a tile.
  AttentionKernel::Pairs getRowPairs(QueryBlock block, Value row, Value key);
  void fetchRows(QueryBlock block, Value from, Value to);

  //===--- TileWeights.cpp ------------------------------------------------===//

  /// Whether sums are of terms of the weights before they are rounded; else the
  /// rounded ones are added up where they meet the values.
  bool sumsTerms() { return a.hasSum() && !usesWords; }
  Value buildWordOffset(Value reference);
  /// Stores what the scores of a vector of queries are added to.
  void storeWordOffset(int64_t vector, Value reference);
  Value emitWordBatch(QueryBlock block, Value count);
  Values emitWordTile(QueryBlock block, Value slot, Value count,
                      mlir::ValueRange carried);
  Values weighWordRow(QueryBlock block, Value slot, Value query, bool isPartial,
                      mlir::ValueRange carried);
  Values emitTileMaxima(QueryBlock block, Value slot, mlir::ValueRange maxima);
  Values emitMaxima(QueryBlock block, Value count);
  void startReferences(QueryBlock block, Value slot);
  Values raiseReferences(QueryBlock block, mlir::ValueRange found);
  void emitBatchWeights(QueryBlock block, Value count);
  void emitTileWeights(QueryBlock block, Value slot, bool isPartial);
  /// Adds the lanes of what each query of a vector has in `parts` to its sum.
  void addToSums(QueryBlock block, int64_t vector, mlir::ValueRange parts);

  //===--- TileResults.cpp ------------------------------------------------===//

  /// Meets the values in the groups of channels [first, last), two at most, and
  /// adds up the weights of vector `vector` meanwhile, if there is one.
  void addGroups(QueryBlock block, Value count, int64_t first, int64_t last,
                 std::optional<int64_t> vector, bool fromLast);
  /// Adds the pairs of weights to their sums, lane by lane.
  Value addPairs(Value sum, Value pairs);

  /// Rows of a tile, numbers of bf16 in one of them, bytes of a tile and of a
  /// number of f32.
  static constexpr int64_t kTile = TileUnit::kRows, kTileNumbers = 32,
                           kTileBytes = 1024, kScoreBytes = 4;

  Value getKeyBlock(Value buffer, const Tile &tile, int64_t channels);
  Value getAt(Value buffer, Value number, int64_t bytes);

  TileUnit unit;
  int64_t steps, groups;
  bool usesWords;   ///< Weights are made by emitWordBatch.
  Value queryTiles; ///< [block][vector][step][16][32] of bf16
  /// Pairs of the batch, [slot][query][pair of keys] of i32, of the keys at one
  /// place of both halves of a tile.
  Value weights;
  /// What the scores of each query are added to or refer to, [query], and sums
  /// of its weights before they are added up, [query][lane].
  Value offsets, parts;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_TILES_TILEATTENTION_H
