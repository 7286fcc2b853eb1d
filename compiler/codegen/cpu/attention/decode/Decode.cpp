//===- Decode.cpp - Kernels of family attention_decode --------------------===//
//
// One or few queries against many keys, a slice of them a task. A task reads
// the rows of some neighbouring key heads as they lie, first keys then values,
// a vector of keys at a time: one stream, whose products are computed while
// more of it comes. All query heads of a key head share what is read.
//
// Scores have keys in lanes: products of `lanes` keys with a head's query are
// summed across by a tree that ends with key k's score in lane k (Scores.cpp).
// Values have their channels in lanes (Values.cpp). What comes out is
// unnormalised; the family attention_merge joins the slices.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/attention/decode/Decode.h"
#include "compiler/codegen/cpu/KernelEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Channels of which a sum of products of codes of 16 and 8 bits has 31 bits.
static constexpr int64_t kMaxCodeChannels = 512;

DecodeEmitter::DecodeEmitter(KernelBuilder &b, AttentionKernel kernel,
                             int64_t keysPerTask, int64_t keyHeadsPerTask)
    : b(b), a(std::move(kernel)), lanes(b.lanes()), keysPerTask(keysPerTask),
      keyHeadsPerTask(keyHeadsPerTask), perKeyHead(a.heads / a.keyHeads),
      hasCodes(a.keyRows->hasScale() && b.getLevel().has("avx512vnni") &&
               a.channels <= kMaxCodeChannels) {
  int64_t heads = perKeyHead * keyHeadsPerTask;
  auto whole = [](int64_t count, int64_t of) -> int64_t {
    return llvm::alignTo(count, of);
  };
  Type f32 = b.getF32Type();
  queries = b.scratch({heads, whole(a.channels, lanes)}, f32);
  scores = b.scratch({heads, whole(keysPerTask, lanes)}, f32);
  outs = b.scratch({heads, whole(a.valueChannels, lanes)}, f32);
  if (a.hasMaximum())
    maxima = b.scratch({heads, lanes}, f32);
  if (hasCodes) {
    codes = b.scratch({heads, whole(a.channels, kCodes)}, b.getI16Type());
    codeScales = b.scratch({heads}, f32);
  }
  if (a.keyRows->hasScale() || a.valueRows->hasScale()) {
    scales = b.scratch({2, keyHeadsPerTask, lanes}, f32);
    scaled = b.scratch({kHeads, lanes}, f32);
  }
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

void DecodeEmitter::forGroups(Value token, function_ref<void(Group)> body) {
  b.loop(0, keyHeadsPerTask, 1, [&](Value number) {
    for (int64_t first = 0; first < perKeyHead; first += kHeads)
      body({token, b.add(firstKeyHead, number),
            b.add(b.mul(number, perKeyHead), first),
            std::min(kHeads, perKeyHead - first)});
  });
}

void DecodeEmitter::forKeys(Value buffer, const StoredRow &rows, Value token,
                            function_ref<void(Group, KeyBlock)> body) {
  Value count = b.div(b.sub(keyEnd, keyBegin), lanes);
  Value whole = b.add(keyBegin, b.mul(count, lanes));
  auto emitBlock = [&](KeyBlock block) {
    if (rows.hasScale())
      copyScales(buffer, rows, b.add(block.key, lanes));
    forGroups(token, [&](Group group) { body(group, block); });
  };
  if (rows.hasScale())
    copyScales(buffer, rows, keyBegin);
  b.loop(keyBegin, whole, lanes, [&](Value key) { emitBlock({key, true}); });
  b.when(b.less(whole, keyEnd), [&] { emitBlock({whole, false}); });
}

HeadPlace DecodeEmitter::getPlace(Group group, int64_t head) {
  Value first = b.mul(firstKeyHead, perKeyHead);
  return {batch, b.add(first, getHead(group, head)), group.keyHead};
}

Value DecodeEmitter::getKey(KeyBlock block, Index lane) {
  Value key = b.add(block.key, lane);
  return block.isWhole ? key : b.min(key, b.sub(a.keys, 1));
}

/// The processor does not guess past a page, nor that blocks of rows are read
/// one head after the other. Into the second cache, as the first has too few
/// places for lines that are on their way.
void DecodeEmitter::prefetchRow(Value buffer, const StoredRow &rows,
                                Group group, Value key, int64_t channels) {
  constexpr int64_t kBytesAhead = 8192, kLine = 64;
  int64_t rowBytes = a.keyHeads * channels * kLine / rows.getNumbersPerLine();
  int64_t ahead = llvm::divideCeil(kBytesAhead, rowBytes);
  for (int64_t c = 0; c < channels; c += rows.getNumbersPerLine())
    b.prefetch(buffer, {batch, b.add(key, ahead), group.keyHead, c},
               /*locality=*/2);
}

/// Copies the scales of the rows from `key` on: what lies in single words is
/// written long before it is read as a vector, which has to wait for it.
void DecodeEmitter::copyScales(Value buffer, const StoredRow &rows, Value key) {
  Value turn = getTurn(key), last = b.sub(a.keys, 1);
  b.loop(0, keyHeadsPerTask, 1, [&](Value number) {
    for (int64_t r = 0; r < lanes; ++r)
      b.storeScalar(rows.loadScale(b, buffer,
                                   {batch, b.min(b.add(key, r), last),
                                    b.add(firstKeyHead, number)}),
                    scales, {turn, number, r});
  });
}

Value DecodeEmitter::loadScales(Group group, KeyBlock block) {
  return b.load(scales,
                {getTurn(block.key), b.sub(group.keyHead, firstKeyHead), 0});
}

Value DecodeEmitter::buildAllowed(Group group, int64_t head, KeyBlock block) {
  Value inside = buildInside(block), allowed = inside;
  auto also = [&](Value other) {
    allowed = allowed ? arith::AndIOp::create(b, allowed, other) : other;
  };
  if (a.valid)
    also(a.buildValidLanes(b, batch, LaneValue::consecutive(block.key),
                           inside ? inside : b.tailMask(lanes)));
  FailureOr<Value> byMask = a.buildAllowed(
      b, getPlace(group, head),
      {LaneValue::uniform(group.token), LaneValue::consecutive(block.key)},
      inside);
  if (failed(byMask))
    status = failure();
  else if (*byMask)
    also(*byMask);
  return allowed;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void DecodeEmitter::emitTask(Value task) {
  // Key heads fastest: their rows lie in the same pages.
  Value slices = b.ceilDiv(a.keys, keysPerTask);
  int64_t parts = a.keyHeads / keyHeadsPerTask;
  firstKeyHead = b.mul(b.rem(task, parts), keyHeadsPerTask);
  Value batchSlice = b.div(task, parts);
  slice = b.rem(batchSlice, slices);
  batch = b.div(batchSlice, slices);
  keyBegin = b.mul(slice, keysPerTask);
  keyEnd = b.min(b.add(keyBegin, keysPerTask), a.keys);
  b.loop(0, a.queries, 1, [&](Value token) {
    if (!a.mask)
      return emitSlice(token);
    b.when(
        a.buildRelation(b, token, b.add(token, 1), keyBegin, keyEnd).any,
        [&] { emitSlice(token); }, [&] { emitEmpty(token); });
  });
}

void DecodeEmitter::emitSlice(Value token) {
  startQueries(token);
  forKeys(a.key, *a.keyRows, token,
          [&](Group group, KeyBlock block) { emitScores(group, block); });
  forGroups(token, [&](Group group) { emitWeights(group); });
  forKeys(a.value, *a.valueRows, token,
          [&](Group group, KeyBlock block) { addValues(group, block); });
  forGroups(token, [&](Group group) {
    for (int64_t h = 0; h < group.count; ++h)
      for (int64_t c = 0; c < countChunks(a.valueChannels); ++c)
        storeResult(group, h, c, b.load(outs, {getHead(group, h), c * lanes}));
  });
}

void DecodeEmitter::emitEmpty(Value token) {
  RowState init = a.normaliser.buildInit(b, b.getF32Type());
  forGroups(token, [&](Group group) {
    for (int64_t h = 0; h < group.count; ++h) {
      for (int64_t c = 0; c < countChunks(a.valueChannels); ++c)
        storeResult(group, h, c, b.splat(0.0));
      storeState(group, h, init.max, init.sum);
    }
  });
}

void DecodeEmitter::storeResult(Group group, int64_t head, int64_t chunk,
                                Value vector) {
  b.store(
      vector, b.buffer(a.firstOutput),
      {batch, group.token, getPlace(group, head).head, slice, chunk * lanes},
      chunkMask(chunk, a.valueChannels));
}

void DecodeEmitter::storeState(Group group, int64_t head, Value maximum,
                               Value sum) {
  Value state[] = {maximum, sum};
  for (int64_t at = 0; at < 2; ++at)
    b.storeScalar(state[at] ? state[at] : b.real(0.0), b.buffer(a.firstOutput),
                  {batch, group.token, getPlace(group, head).head, slice,
                   a.valueChannels + at});
}

static LogicalResult emitDecode(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<AttentionKernel> attention = AttentionKernel::read(b);
  if (failed(attention))
    return failure();
  if (attention->hasLse)
    return kernel.emitOpError("expected 'lse' on the kernel that merges");
  if (attention->finishesWeights())
    return kernel.emitOpError(
        "expected no weights that are finished one by one");
  FailureOr<int64_t> keysPerTask = b.requireInt("keys_per_task");
  if (failed(keysPerTask))
    return failure();
  int64_t keyHeadsPerTask = b.getInt("key_heads_per_task", 1);
  if (keyHeadsPerTask < 1 || attention->keyHeads % keyHeadsPerTask)
    return kernel.emitOpError()
           << "expected 'key_heads_per_task' to divide " << attention->keyHeads
           << " key heads but got " << keyHeadsPerTask;
  DecodeEmitter emitter(b, *attention, *keysPerTask, keyHeadsPerTask);
  b.forTasks([&](Value task) { emitter.emitTask(task); });
  return emitter.getStatus();
}

static RegisterKernelEmitter decode("attention_decode", emitDecode);
