//===- Decode.h - Emits a slice of attention to many keys -------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_DECODE_DECODE_H
#define WEFT_CODEGEN_CPU_ATTENTION_DECODE_DECODE_H

#include "compiler/codegen/cpu/attention/AttentionKernel.h"

namespace weft::cpu {

/// Emits one task: a slice of the keys of some key heads. See Decode.cpp.
class DecodeEmitter {
public:
  DecodeEmitter(KernelBuilder &b, AttentionKernel kernel, int64_t keysPerTask,
                int64_t keyHeadsPerTask);

  void emitTask(mlir::Value task);
  /// Whether the score region could be built.
  mlir::LogicalResult getStatus() const { return status; }

private:
  using Value = mlir::Value;
  using Values = KernelBuilder::Values;
  using Index = KernelBuilder::Index;

  /// Query heads that go through the keys together.
  static constexpr int64_t kHeads = 4;
  /// Codes of 16 bits in a register.
  static constexpr int64_t kCodes = 32;

  /// Query heads of a key head and a token. Those of the task are counted by
  /// themselves: from `first` on.
  struct Group {
    Value token, keyHead, first;
    int64_t count;
  };
  /// As many keys from `key` on as there are lanes; not `whole`: some of them
  /// are past the end of the slice.
  struct KeyBlock {
    Value key;
    bool isWhole;
  };

  //===--- Decode.cpp -----------------------------------------------------===//

  void emitSlice(Value token);
  void emitEmpty(Value token);
  void forGroups(Value token, llvm::function_ref<void(Group)> body);
  /// Emits `body` for blocks of keys and in each for all groups of heads; the
  /// scales of `rows`, which lie in `buffer`, are there.
  void forKeys(Value buffer, const StoredRow &rows, Value token,
               llvm::function_ref<void(Group, KeyBlock)> body);
  void storeResult(Group group, int64_t head, int64_t chunk, Value vector);
  /// Maximum and sum of a head, null where there is none.
  void storeState(Group group, int64_t head, Value maximum, Value sum);
  HeadPlace getPlace(Group group, int64_t head);
  /// The number of a head of the task.
  Value getHead(Group group, int64_t head) { return b.add(group.first, head); }
  /// The key of lane `lane`; past the last key, that one.
  Value getKey(KeyBlock block, Index lane);
  /// Null: all lanes of the block.
  Value buildInside(KeyBlock block) {
    return block.isWhole ? Value() : b.tailMask(b.sub(keyEnd, block.key));
  }
  /// The keys that a query may see; null: all of the block.
  Value buildAllowed(Group group, int64_t head, KeyBlock block);
  /// Fetches the row of the head that comes some keys later.
  void prefetchRow(Value buffer, const StoredRow &rows, Group group, Value key,
                   int64_t channels);
  void copyScales(Value buffer, const StoredRow &rows, Value key);
  /// The scales of the rows of the block.
  Value loadScales(Group group, KeyBlock block);
  /// Blocks take turns in scratch.
  Value getTurn(Value key) {
    return b.rem(b.div(b.sub(key, keyBegin), lanes), 2);
  }
  int64_t countChunks(int64_t channels) const {
    return llvm::divideCeil(channels, lanes);
  }
  Value chunkMask(int64_t chunk, int64_t channels) {
    int64_t left = channels - chunk * lanes;
    return left < lanes ? b.tailMask(left) : Value();
  }

  //===--- Scores.cpp -----------------------------------------------------===//

  /// Brings the queries of the task to scratch, scaled, as numbers or codes.
  void startQueries(Value token);
  void storeCodes(Value head);
  Values loadQueries(Group group);
  /// The products of a key with each head of the group, to be summed across.
  Values emitRow(llvm::ArrayRef<Value> queries, Group group, Value key);
  Values emitProducts(Group group, KeyBlock block);
  /// Writes scores, and the maxima so far if they are kept.
  void emitScores(Group group, KeyBlock block);

  //===--- Values.cpp -----------------------------------------------------===//

  /// Turns scores into weights, and writes the state.
  void emitWeights(Group group);
  void addValues(Group group, KeyBlock block);

  KernelBuilder &b;
  AttentionKernel a;
  int64_t lanes, keysPerTask, keyHeadsPerTask, perKeyHead;
  /// Whether products of keys and queries are sums of integers.
  bool hasCodes;
  /// Scratch, by the heads of the task: queries [head, channel], or their codes
  /// and [head] scales; scores, then weights [head, key of the slice]; maxima
  /// [head, lane]; outs [head, channel]. Of a block: scales [turn, key head,
  /// lane] and weights under them [head of the group, lane].
  Value queries, codes, codeScales, scores, maxima, outs, scales, scaled;
  Value batch, firstKeyHead, slice, keyBegin, keyEnd;
  mlir::LogicalResult status = mlir::success();
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_DECODE_DECODE_H
