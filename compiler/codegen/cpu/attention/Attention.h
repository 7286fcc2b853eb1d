//===- Attention.h - Emits the tiles of an attention kernel -----*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H
#define WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H

#include "compiler/codegen/cpu/attention/AttentionKernel.h"

namespace weft::cpu {

/// Emits one task: a block of queries of a head. See Attention.cpp.
class AttentionEmitter {
public:
  AttentionEmitter(KernelBuilder &b, const AttentionKernel &kernel,
                   int64_t queriesPerTask);

  virtual ~AttentionEmitter() = default;

  void emitTask(mlir::Value task);
  /// Whether the score region could be built.
  mlir::LogicalResult getStatus() const { return status; }

protected:
  using Value = mlir::Value;
  using Values = KernelBuilder::Values;

  /// Registers and caches as numbers: the same code for every level.
  struct Tiling {
    int64_t vectors;       ///< Vectors of queries that a block has.
    int64_t keys;          ///< Keys of a tile of scores.
    int64_t tilesPerBlock; ///< Tiles that are asked for together.
    int64_t batch;         ///< Tiles that are taken together, at most.
    bool anyKeys = true;   ///< Keys of a tile may lie anywhere.
  };

  static Tiling getTiling(KernelBuilder &b, bool hasPasses);

  AttentionEmitter(KernelBuilder &b, AttentionKernel kernel,
                   int64_t queriesPerTask, Tiling tiling);

  /// `width` queries from `first` on, the block `number` of the task. Queries
  /// of a task are counted by themselves: they may be a stride apart.
  struct QueryBlock {
    Value number, first;
  };
  /// The keys from `key` on, whose scores stand from `row` on. `state` is the
  /// code of its shape.
  struct Tile {
    Value block, key, row, state;
  };
  /// What is to be done with a tile of so many `rows` of keys: vectors [from,
  /// to) have an allowed pair; `partial`: not every pair is allowed; `edge`: it
  /// may go beyond the last key.
  struct Shape {
    int64_t from, to, rows;
    bool partial, edge;

    /// The code of a tile with all its rows: a number other than 0, ordered by
    /// edge, partial, to, from. For each kTrim two rows are left out at the
    /// end.
    int64_t getCode() const {
      return from + kTo * to + kPartial * partial + kEdge * edge;
    }
    static constexpr int64_t kTo = 8, kPartial = 64, kEdge = 128, kTrim = 256;
    static constexpr int64_t kTrimmedRows = 2;
  };

  //===--- Lists.cpp ------------------------------------------------------===//

  /// Lists the keys of a block from `firstKey` on that a query may see behind
  /// the `count` keys listed before.
  Value listKeys(QueryBlock block, Value firstKey, Value count);
  /// Lists what the keys from `key` on are to each of the vectors, and how many
  /// are taken.
  Value listVectorOfKeys(QueryBlock block, Value key, Value last, Value count);
  /// Makes tiles of `count` keys listed.
  void makeTiles(QueryBlock block, Value count, Value tiles);
  /// Moves the keys that make no whole tile to the begin of the list.
  void keepRest(QueryBlock block, Value tiles);

  //===--- Tiles.cpp ------------------------------------------------------===//

  /// Lists the tiles of a block of keys from `firstKey` on in which something
  /// is allowed behind the `count` tiles listed before.
  Value listTiles(QueryBlock block, Value firstKey, Value count);
  /// The tiles from the first allowed key of each run of them in [key, last),
  /// which follow the `count` ones before. Gives the key to go on from, too.
  Values listRuns(QueryBlock block, Value key, Value last, Value count);
  /// Tiles in which all pairs are allowed.
  Values listWholeTiles(QueryBlock block, Value key, Value last, Value count);
  /// One tile from `key` on, in which all pairs are allowed, or any that are.
  Values listWholeTile(QueryBlock block, Value key, Value count);
  Values listRun(QueryBlock block, Value key, Value count);
  /// Whether it is known that all queries that a block may have see all keys
  /// [key, keyEnd).
  Value isWhole(QueryBlock block, Value key, Value keyEnd);
  void storeTile(QueryBlock block, Value slot, Value key, Value state);
  /// What is known of all queries of the block and keys [key, keyEnd).
  TileRelation buildBlockRelation(QueryBlock block, Value key, Value keyEnd);
  /// Whether a query of the block may see one of the keys [key, keyEnd).
  Value mayBeSeen(QueryBlock block, Value key, Value keyEnd);
  /// How many of its rows a tile needs.
  Value countRows(QueryBlock block, Value key);
  /// The code of the tile of `rows` keys from `key` on; 0 if it has no pair.
  Value buildState(QueryBlock block, Value key, Value rows);
  /// The code of the smallest shape with the vectors that have a pair.
  Value buildCode(llvm::ArrayRef<Value> any, Value partial, Value edge);
  /// The shapes of partial tiles: the first or the last vectors.
  llvm::SmallVector<Shape> getPartialShapes();
  /// What validity and segments say of the keys [key, keyEnd), a tile at most.
  TileRelation buildValidRelation(Value key, Value keyEnd);
  TileRelation buildSegmentRelation(QueryBlock block, int64_t vector, Value key,
                                    Value keyEnd);
  Tile getTile(QueryBlock block, Value slot);
  /// The rows of a tile whose keys are there.
  Value getRows(const Tile &tile);
  /// Whether the tile has an allowed pair in the vector, an i1.
  Value isSeen(const Tile &tile, Value vector);
  /// Emits `body` for each shape that a tile may have, and chooses.
  Values forShape(Value state, llvm::function_ref<Values(const Shape &)> body);
  /// The key listed in a row.
  Value getListed(Value block, Value row);
  /// The key of row `r` of a tile; past the last key, that one.
  Value getKey(const Tile &tile, const Shape &shape, KernelBuilder::Index r);
  /// Brings the rows of `buffer` that the listed tiles need to `unpacked`, if
  /// they are not stored as f32.
  void unpack(QueryBlock block, Value count, Value buffer,
              const StoredRow &rows, int64_t channels);
  /// A number of the key, whose row in the tiles is `row`, in all lanes.
  Value loadNumber(Value buffer, const StoredRow &rows, Value key, Value row,
                   Value channel);

  //===--- Scores.cpp -----------------------------------------------------===//

  virtual Values emitScores(QueryBlock block, Value count);
  Values emitScoreTile(QueryBlock block, const Tile &tile, const Shape &shape,
                       mlir::ValueRange maxima);
  Values emitProducts(QueryBlock block, const Tile &tile, const Shape &shape);
  Value buildAllowed(QueryBlock block, int64_t vector, Value key,
                     Value inRange);
  /// The pairs of a vector of queries with a key, and lanes that are queries.
  AttentionKernel::Pairs getPairs(QueryBlock block, int64_t vector, Value key);
  Value buildInside(QueryBlock block, int64_t vector);
  /// The numbers in the launch of a query of the task and of keys that such
  /// queries may see.
  Value getQuery(Value query);
  Value getKeyNumber(Value key);
  /// `first` and what follows it at the stride, from `from` on.
  LaneValue buildStrided(Value first, Value from);
  void storeAllowed(Value mask, QueryBlock block, Value row, int64_t vector);
  Value loadAllowed(QueryBlock block, Value row, int64_t vector);

  //===--- Weights.cpp ----------------------------------------------------===//

  /// Scores to weights under the new maxima, which join the state of the rows.
  virtual void emitWeights(QueryBlock block, Value count,
                           mlir::ValueRange newMaxima);
  Values emitReferences(QueryBlock block, mlir::ValueRange newMaxima);
  /// Maxima that grew a little stay: weights may be some thousand instead of 1,
  /// and what was summed up need not be scaled.
  Values keepMaxima(QueryBlock block, mlir::ValueRange newMaxima);
  Values emitWeightTile(QueryBlock block, const Tile &tile, const Shape &shape,
                        mlir::ValueRange references, mlir::ValueRange sums);
  /// Finishes each weight, adds it to the mass of its key and applies the post
  /// region.
  void emitFinalWeights(QueryBlock block, Value count);
  void emitFinalTile(QueryBlock block, const Tile &tile, const Shape &shape,
                     mlir::ValueRange rowSums, mlir::ValueRange factors);
  void addMass(const Tile &tile, const Shape &shape, int64_t r, Value weights);

  //===--- Spans.cpp ------------------------------------------------------===//

  /// `keys` keys from `key` on, whose weights stand from `row` on.
  struct Span {
    Value block, key, row, keys;
  };
  /// Lists the spans of a batch that each vector sees, and how many there are.
  void listSpans(QueryBlock block, Value count);
  /// Span `number` of vector `n`.
  Span getSpan(QueryBlock block, Value n, Value number);

  //===--- Values.cpp -----------------------------------------------------===//

  /// A tile of results: queries [first, first + count) of a vector and
  /// `vectors` of channels, of the last of which only `tail` are there if that
  /// is not 0.
  struct ResultTile {
    int64_t first, count, vectors, tail;
  };
  /// `groups` of `tile.vectors` vectors of channels from `vector` on.
  struct ResultGroups {
    int64_t vector, groups, vectors, tail;
  };

  /// The vectors of channels of a row of results, in groups of a tile each.
  llvm::SmallVector<ResultGroups> getResultGroups();
  virtual void addValues(QueryBlock block, Value count);
  /// Adds values of `spans` spans to a tile of the results of vector `n`.
  void addToResults(QueryBlock block, Value n, Value spans, Value channel,
                    const ResultTile &tile);
  Values addSpan(QueryBlock block, Value n, const Span &span, Value channel,
                 const ResultTile &result, mlir::ValueRange init);
  /// Fetches some of the results that the block will store, then of the queries
  /// that come next, while there is something to compute.
  void fetchRows(QueryBlock block);
  Values addKey(Value n, const Span &span, Value number, Value channel,
                const ResultTile &result, mlir::ValueRange acc);
  /// Whether the results of vector `n` are there: zeros before its first key
  /// are not.
  Value isBegun(QueryBlock block, Value n);
  /// Results are zero before the first key, scaled where a maximum grew, and
  /// stored behind the last one.
  virtual void startResults(QueryBlock block);
  virtual void scaleResults(QueryBlock block, mlir::ValueRange factors);
  /// Channels from `channel` on of a query, by its number in the launch.
  void storeResult(Value vector, Value query, Value channel, Value mask);
  /// `count` queries of a vector from `first` on; `factor` may be null.
  virtual void storeResults(QueryBlock block, int64_t vector, Value first,
                            Value count, Value factor);

  //===--- Rows.cpp -------------------------------------------------------===//

  /// Numbers of a row that the normaliser keeps.
  int64_t countKept();
  void startRow(QueryBlock block, int64_t vector);
  /// Runs `body` in the passes [from, to).
  void inPasses(int64_t from, int64_t to, llvm::function_ref<void()> body);
  /// Whether the scores or weights of all keys are there, from an earlier pass.
  Value areResident(QueryBlock block);
  /// What the pass does with the tiles of a batch, and after all of them.
  void takeTilesInPass(QueryBlock block, Value count);
  void takeTilesOfStreamedRow(QueryBlock block, Value count, Value resident);
  void takeTilesOfKeptRow(QueryBlock block, Value count, Value resident);
  void endPass(QueryBlock block);
  void emitExtremes(QueryBlock block, Value count);
  void
  emitSums(QueryBlock block, Value count,
           llvm::function_ref<Value(Value score, mlir::ValueRange kept)> term);
  /// Carries numbers of the rows, those of a vector by `step`, through the
  /// scores of a batch; `pairs` are the allowed ones, null for all.
  Values forScores(QueryBlock block, Value count, mlir::ValueRange init,
                   llvm::function_ref<void(int64_t vector, Value score,
                                           Value pairs, Values &carried)>
                       step);
  /// Scores to weights of rows that are known.
  void emitKnownWeights(QueryBlock block, Value count);
  Values loadKept(QueryBlock block, int64_t vector);
  void storeKept(QueryBlock block, int64_t vector, mlir::ValueRange values);

  //===--- Attention.cpp --------------------------------------------------===//

  /// The number of the block of queries, of `blocks` in a phase, that is taken
  /// in a turn, and its phase.
  std::pair<Value, Value> getTurn(Value turn, Value blocks);
  void emitQueries(Value begin);
  void start(QueryBlock block);
  /// Brings the queries `rows`, those of a vector, to scratch, scaled.
  virtual void startQueries(QueryBlock block, int64_t vector,
                            mlir::ValueRange rows);
  void startSegments(QueryBlock block, int64_t vector);
  void takeKeys(QueryBlock block, Value firstKey);
  /// Whether a batch is taken, and of how many tiles it is.
  Values listBatch(QueryBlock block, Value firstKey);
  void takeTiles(QueryBlock block, Value count);
  void finish(QueryBlock block);
  void storeLse(Value lse, Value first, Value count);

  KernelBuilder &b;
  AttentionKernel a;
  Tiling tiling;
  int64_t lanes, width, keyTile, keyBlock, queriesPerTask;
  bool lists;        // Keys, not tiles.
  bool runs;         // Tiles begin where a run of allowed keys does.
  bool tracksMaxima; // Weights refer to maxima of scores.
  /// Scratch: queries [block, channel, lane]; results outs [block, query,
  /// channel]; of the tiles that wait, scores [block, row, lane], allowed
  /// [block, row, vector] with a bit a lane, key and state [block, tile] and
  /// their count; the key that the next one begins at, at least [block]; a
  /// square to transpose; the state of the normaliser [block, lane]; where the
  /// sequences of a vector begin, first and last, [block, vector, 2]; keys or
  /// values of the tiles as f32, where they are stored otherwise, [row,
  /// channel]. Keys listed, and for each a bit for each vector that has a pair,
  /// then one for whether all have all, [block, key]. Where there are passes,
  /// numbers kept of a row [block, number, lane], batches that the first one
  /// took and the tiles of the last of them [block].
  Value queries, outs, scores, allowed, tileKeys, tileStates, counts, square,
      maxima, sums, segments, unpacked, kept, batches, lastCounts, listed,
      listedBits, nextKeys, fetched, begun, spanBegins, spanEnds, spanRows,
      spanCounts;
  HeadPlace place;
  Value queryBegin, queryEnd;
  Value
      nextQuery; ///< The number in the launch of the first one of what is next.
  /// Queries whose number leaves the rest `phase` by the stride, and how many.
  /// So too of keys.
  Value phase, queryCount, keyPhase, keyCount;
  /// The number of the pass over the keys, where there is more than one: the
  /// state of rows, then the values; or of rows that are kept their extremes,
  /// the sweeps, the sum of weights, then the values.
  Value pass;
  mlir::LogicalResult status = mlir::success();
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_ATTENTION_H
