//===- TileScan.h - Scans chunks of tokens on a matrix unit -----*- C++ -*-===//
//
// The products of BlockScan.h for chunks of 32 tokens, two rows of tiles, with
// factors rounded to bf16, or taken apart into two (see linear/tiles): rows of
// tokens times the state, rows of tokens times one another, and the updates.
// The state, sums of products, decays, the sum of the weights and the solution
// of corrections are f32; the state is rounded as a factor, never as itself.
//
//   A[t, s] = (query_t P_{t,s} f_s) for s <= t,  N[t, s] = (right_t P_{t-1,s}
//   f_s) for s < t
//   y = (I + N)^-1 (values - (P_{t-1} right_t)^T S)
//   out = (P_t query_t)^T S + A y
//   S = P_T S + (P_{T,s} f_s) y^T
//
// Where no decay has rows, A and N are products of the tokens as they are,
// times a triangle of decays. Else tokens are decayed to a border of their row
// of tiles: for s in one row of tiles and t in the next, P_{t,s} is the product
// of both, and pairs within a row of tiles are multiplied in f32. Nothing is
// divided.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_SCAN_TILES_TILESCAN_H
#define WEFT_CODEGEN_CPU_SCAN_TILES_TILESCAN_H

#include "compiler/codegen/cpu/linear/tiles/TileUnit.h"
#include "compiler/codegen/cpu/scan/ScanRows.h"

namespace weft::cpu {

class TileScan {
public:
  TileScan(KernelBuilder &b, const ScanKernel &kernel);

  mlir::LogicalResult emit();

private:
  using Value = mlir::Value;
  using Index = KernelBuilder::Index;
  using Values = KernelBuilder::Values;
  using Rows = ScanRows::Rows;

  /// Rows of a tile, numbers of one, tokens of a chunk.
  static constexpr int64_t kTile = 16, kNumbers = 32, kChunk = 32;
  static constexpr int64_t kTiles = kChunk / kTile;

  /// Tokens from `token` on: a whole chunk where `count` is null.
  struct Chunk {
    Value token, count;
    bool reads, moves;
  };
  /// One factor of a product in parts: [part][tile][step][16][32].
  struct Factor {
    Value buffer;
    int64_t tiles, steps;
    Value first; ///< Part; null: 0.
  };
  /// The vector of rows from `row` on of token `token` of the chunk.
  using Get = llvm::function_ref<Value(Index token, Index row)>;

  bool corrects() const { return kernel.transition.hasCorrection(); }

  //===--- Tasks and chunks (TileScan.cpp) -------------------------------===//

  Factor makeFactor(int64_t tiles, int64_t steps, int64_t count = 1);
  void makeScratch();
  void initialise();
  void select(Value task, Value first);
  void emitTasks(Value first, Value last);
  void emitPass(Value first, Value last, bool reads, bool moves);
  void emitChunk(const Chunk &chunk);
  void copyState(bool isIn);

  //===--- Fetching what comes next (TileFetch.cpp) ----------------------===//

  /// Lets fetch() fetch what the task after `task`, or the first with the next
  /// chunk, will read.
  void selectNext(Value task, Value first, Value last, Value token);
  /// Fetches part `part` of `parts` of the chunk's rows.
  void fetch(Value buffer, Value part, int64_t parts);

  //===--- What tokens bring, in f32 (TileChunk.cpp) ---------------------===//

  /// Whether rows of the factors wait in scratch.
  bool isStaged(const Chunk &chunk) const {
    return chunk.count || kernel.features || decaysByRow;
  }
  /// Tokens past the end bring nothing.
  void stage(const Chunk &chunk);
  Value getQuery(const Chunk &chunk, Index token, Index row);
  Value getUpdate(const Chunk &chunk, Index token, Index row);
  Value getRight(const Chunk &chunk, Index token, Index row);
  Value getValue(const Chunk &chunk, Index token, Index column);
  Value keepInside(const Chunk &chunk, Value token, Value vector,
                   double otherwise);
  Value getToken(const Chunk &chunk, Index token);
  Rows getRows(Index row);
  Value getColumnMask(Index column);

  //===--- Decays (TileDecays.cpp) ---------------------------------------===//

  /// Decays to the begin or the end of the chunk, of token `t` of a row of
  /// tiles; null: none.
  Value getReadDecay(int64_t tile, Index t, Index row);
  Value getSeenDecay(int64_t tile, Index t, Index row);
  Value getPushDecay(int64_t tile, Index t, Index row);
  Value getKeep(Index row);
  void prepareTriangle(const Chunk &chunk);
  /// Moves staged rows to the borders of their row of tiles, multiplying pairs.
  void moveToBorders(const Chunk &chunk);
  void multiplyOwn(Value rows, Value pairs, bool isBefore);

  //===--- Rounding (TileFactors.cpp) ------------------------------------===//

  void prepareFactors(const Chunk &chunk);
  Values toParts(Value low, Value high);
  /// The parts of two vectors as pairs of one lane each.
  Values toPairs(Value even, Value odd);
  void storeParts(Values parts, const Factor &to, Index tile, Index step,
                  Index row);
  /// A token a row.
  void roundRows(const Factor &to, Index tile, Get get);
  /// Two rows of the state a row, tokens in lanes.
  void roundTurned(const Factor &to, int64_t tile, Index step, Get get);
  /// A row of the state a row, all tokens in lanes.
  void roundPushes(const Chunk &chunk, Index step);
  void roundUpdates(const Chunk &chunk);
  /// Two tokens a row, columns in lanes.
  void roundValues(Get get);
  void storeTurned(llvm::MutableArrayRef<Values> rows, const Factor &to,
                   Index tile, Index step);

  //===--- Pairs of tokens (TilePairs.cpp) -------------------------------===//

  void multiplyPairs(const Factor &rows, Value pairs);
  /// A times the triangle as a factor, and the sums of the weights.
  void weigh(const Chunk &chunk);
  Value loadPairs(int64_t tile, Index t, int64_t by);
  void sumWeights(const Chunk &chunk, int64_t tile);
  void moveSum(const Chunk &chunk);
  void decaySeen();
  void solve(const Chunk &chunk);

  //===--- Products of tiles (TileProducts.cpp) --------------------------===//

  void zero(unsigned sums);
  /// Sums of two tiles of rows by two of columns += products. Of the four those
  /// whose bits are set in `sums`.
  void accumulate(const Factor &rows, Index rowTile, const Factor &columns,
                  Index columnTile, unsigned sums = kAll);
  void multiplyStep(const Factor &rows, Index rowTile, const Factor &columns,
                    Index columnTile, Index step, unsigned sums);
  void storeSums(Value address, int64_t rowBytes, unsigned sums = kAll);
  Value getTile(const Factor &factor, Index tile, Index step, int64_t part);
  void forPairs(int64_t tiles, llvm::function_ref<void(Value tile)> body);
  /// The state as a factor.
  void roundState();
  void readState(const Chunk &chunk);
  void seeState();
  void moveState();
  void multiplyUpdates(Value block);
  void moveBlock(Value block);
  void finishOuts(const Chunk &chunk);
  Value loadState(Index row, Index column);
  void storeState(Value vector, Index row, Index column);
  Value getElementAddress(Value buffer, llvm::ArrayRef<Index> at);

  static constexpr unsigned kAll = 0b1111, kLower = 0b1101, kCorner = 0b0100;

  KernelBuilder &b;
  const ScanKernel &kernel;
  ScanRows scanRows;
  TileUnit unit;
  int64_t rows, columns; ///< Of a task, up to whole pairs of tiles.
  bool decays, decaysByRow;
  int64_t tasksAtOnce; ///< Take turns chunk by chunk.
  bool isInPlace;      ///< The state stays where it is handed on.
  bool hasDirectOuts;  ///< Whole chunks store results from tiles.
  Factor queries, reads, updates, pushes, values, states, weights, rights, seen;
  Value staged[3], stagedDecays; ///< [token][row]: query, update, right.
  Value stagedValues;            ///< [token][column]
  Value sums;                    ///< [2 x 32][32]: of pairs, then of updates
  Value seenPairs;               ///< [token][token]
  Value triangle;                ///< [token][token] of decays
  Value decay;                   ///< [1 + token]: of the tokens before
  Value tileKeep;                ///< [row of tiles][row] of decays
  Value state, sum;              ///< [row][column], [row]; or null: in place
  Value outs, solved;            ///< [token][column]
  Value totals;                  ///< The sum of the weights of each token.
  Value batch, head, firstColumn, columnCount;
  Value nextBatch, nextHead, nextColumn, nextToken;
  mlir::LogicalResult status = mlir::success();
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_SCAN_TILES_TILESCAN_H
