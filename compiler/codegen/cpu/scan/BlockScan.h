//===- BlockScan.h - Scans a block of tokens at a time ----------*- C++ -*-===//
//
// For states without gates of their own columns. A few tokens t of a block move
// a state S[r, c] by diagonals D_t and updates of rank one,
//
//   S_t = D_t S_{t-1} - left_t (right_t^T S_{t-1}) + write_t value_t^T
//
// which unrolled from the state S before the block is, with P_{t,s} the product
// of D_{s+1} to D_t, f the updates' factors and y what they write:
//
//   seen_t = (P_{t-1} right_t)^T S + sum_{s<t} (right_t^T P_{t-1,s} f_s) y_s
//   out_t  = (P_t query_t)^T S     + sum_{s<=t} (query_t^T P_{t,s} f_s) y_s
//   S_T    = P_T S                 + sum_s (P_{T,s} f_s) y_s^T
//
// All in brackets has rows only: it is prepared with rows in lanes. What is
// left are products of matrices, with columns in lanes: rows of tokens times S,
// and the block's updates added to S. Nothing is divided, so a gate may be
// zero.
//
// A block is a few tiles, a tile the few tokens whose sums stay in registers.
// Tiles are prepared by themselves, with P and f up to the tile's borders;
// then what a tile reads of those before it, times the diagonals in between.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_SCAN_BLOCKSCAN_H
#define WEFT_CODEGEN_CPU_SCAN_BLOCKSCAN_H

#include "compiler/codegen/cpu/scan/ScanRows.h"
#include <map>

namespace weft::cpu {

class BlockScan {
public:
  BlockScan(KernelBuilder &b, const ScanKernel &kernel);

  mlir::LogicalResult emitTask(mlir::Value task);

private:
  using Value = mlir::Value;
  using Index = KernelBuilder::Index;
  using Values = KernelBuilder::Values;

  /// `tiles` tiles of `tokens` tokens from `token` on, and whether they read
  /// and move the state.
  struct Block {
    Value token;
    Index tiles;
    int64_t tokens;
    bool reads, moves;
    /// Whether it is one tile, known here.
    bool isTile() const { return !tiles.value && tiles.constant == 1; }
  };
  using Rows = ScanRows::Rows;
  /// Columns `column` and following, counted from the task's first.
  struct Columns {
    Value column, mask;
    int64_t vectors;
  };
  /// What a product over the rows is of.
  enum class Dot { Reads, Seen, ReadsSum, SeenSum };

  bool corrects() const { return kernel.transition.hasCorrection(); }
  /// Updates of a token: what it writes, and a correction that is not written
  /// with it.
  int64_t updatesPerToken() const {
    return corrects() && !kernel.transition.isWriteCorrected() ? 2 : 1;
  }
  /// Whether `token` of a tile reads `update` of the same tile.
  bool reads(Dot kind, int64_t token, int64_t update,
             const Block &block) const {
    int64_t by = update % block.tokens;
    return kind == Dot::Reads ? by <= token : by < token;
  }
  bool isCorrection(int64_t update, const Block &block) const {
    return corrects() &&
           (kernel.transition.isWriteCorrected() || update >= block.tokens);
  }

  //===--- Rows in lanes (BlockRows.cpp) ---------------------------------===//

  /// Computes what stands in brackets above.
  void prepare(const Block &block);
  void prepareTile(const Block &block, Value tile);
  Values prepareRows(const Block &block, Value tile, const Rows &rows,
                     Values sums);
  /// The same over rows that are prepared.
  Values forVectors(Values carried,
                    llvm::function_ref<Values(Index, Value, Values)> body);

  /// Products of what `tile` reads with updates of the tiles before it.
  void readTiles(const Block &block, Value tile, Dot kind);
  /// Moves the tiles before `tile` to its end, and it to the block's begin.
  void joinTiles(const Block &block, Value tile);

  /// Adds `a * b` to the sums of the dot.
  void addDot(Values &sums, Dot kind, int64_t token, int64_t update, Value a,
              Value b);
  int64_t countDots(const Block &block) const;
  /// Stores the sums over lanes of the dots of a tile.
  void storeDots(const Block &block, Value tile, Values sums);
  void storeDots(Dot kind, Index tile, Index updates, Values sums);
  Value loadDot(Dot kind, int64_t token, int64_t update, const Block &block);

  void solveSum(const Block &block);
  Value loadSum(Index row, Value mask);
  void storeSum(Value vector, Index row, Value mask);

  //===--- Columns in lanes (BlockScan.cpp) ------------------------------===//

  void emitBlock(const Block &block);
  void emitBlocks(bool reads, bool moves);
  void emitColumns(const Block &block, const Columns &columns);
  /// Copies what tokens write, where no correction goes with it.
  void copyValues(const Block &block, const Columns &columns);
  void solveCorrections(const Block &block, Value tile, const Columns &columns);
  /// `factors` of the tokens of a tile times the state.
  Values readState(const Block &block, Value tile, const Columns &columns,
                   Value factors);
  /// Adds what token `token` of a tile reads of updates of this tile.
  void addOwn(const Block &block, Value tile, const Columns &columns, Dot kind,
              int64_t token, llvm::MutableArrayRef<Value> sums);
  /// Adds what the tile reads of the updates of the tiles before it.
  Values addEarlier(const Block &block, Value tile, const Columns &columns,
                    Dot kind, Values sums);
  void moveState(const Block &block, const Columns &columns);
  /// Of one token: reads and moves a row at a time.
  Values readAndMove(const Block &block, const Columns &columns);
  void storeOuts(const Block &block, Value tile, const Columns &columns,
                 Values outs);
  void forColumns(llvm::function_ref<void(const Columns &)> body);
  void copyState(bool isIn);
  void copySum(bool isIn);

  /// Vector `v` of an update: the value written, or what a correction read.
  Value loadUpdate(Index update, int64_t v) {
    return b.load(updates, {update, v * b.lanes()});
  }
  Value loadValue(Index token, const Columns &columns, int64_t v);
  Value loadState(const Columns &columns, Index row, int64_t v);
  void storeState(Value vector, const Columns &columns, Index row, int64_t v);
  Value columnOf(const Columns &columns, int64_t v) {
    return b.add(firstColumn, b.add(columns.column, v * b.lanes()));
  }
  Value getDots(Dot kind) { return kind == Dot::Reads ? readDots : seenDots; }

  KernelBuilder &b;
  const ScanKernel &kernel;
  ScanRows scanRows;
  int64_t tokensPerTile, tilesPerBlock;
  Value state;                 ///< [row, column of the task]
  Value sum;                   ///< [row]
  Value queries, seen, pushes; ///< [token or update, row]
  Value keep, tileKeep;        ///< [row], of the block and of a tile
  Value updates;               ///< [update, column of a group]
  Value readDots, seenDots;    ///< [tile, tile of updates, token x update]
  Value sums;                  ///< The sum of the weights of each token.
  std::map<std::tuple<Dot, int64_t, int64_t>, int64_t> dotPlaces;
  Value batch, head, firstColumn, columnCount;
  bool decays = false; ///< Whether the block prepared last has diagonals.
  mlir::LogicalResult status = mlir::success();
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_SCAN_BLOCKSCAN_H
