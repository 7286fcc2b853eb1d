//===- ShortConv.cpp - Kernels of family short_conv -----------------------===//
//
// Channels are in lanes, the taps of a few vectors of channels in registers: a
// row of tokens is often as long as a page, so that each visit to one should do
// more than a line. Tokens that reach back behind the first one come first, by
// themselves, so that the others read the input alone.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/KernelEmitter.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Values = KernelBuilder::Values;

class ShortConvEmitter {
public:
  ShortConvEmitter(KernelBuilder &b, int64_t channels, int64_t taps,
                   int64_t dilation)
      : b(b), channels(channels), taps(taps), dilation(dilation),
        reach((taps - 1) * dilation), extras(b.getNumBuffers() - 5) {}

  void emitTask(Value task, int64_t channelsPerTask);
  LogicalResult getStatus() const { return status; }

private:
  Value initial() { return b.buffer(2 + extras); }
  Value out() { return b.buffer(3 + extras); }
  Value final() { return b.buffer(4 + extras); }

  /// `vectors` of channels, each of `count`, over all tokens.
  void emitChannels(Value channel, Value mask, int64_t count, int64_t vectors);
  /// Tap `tap` of each channel in the lanes of a vector.
  Value loadTap(int64_t vector, int64_t tap, int64_t count);
  /// The input of a token, which may be before the first one.
  Value loadToken(Value token, int64_t vector, bool mayBeBefore);
  void emitToken(Value token, bool mayReachBack);
  void emitVector(Value token, int64_t vector, bool mayReachBack);
  Value channelOf(int64_t vector) { return b.add(channel, vector * b.lanes()); }

  KernelBuilder &b;
  int64_t channels, taps, dilation, reach;
  unsigned extras;
  Value batch, channel, mask;
  int64_t vectors = 1;
  Values filter, extraVectors; // [vector][tap], [vector][extra]
  LogicalResult status = success();
};

} // namespace

void ShortConvEmitter::emitTask(Value task, int64_t channelsPerTask) {
  int64_t blocks = llvm::divideCeil(channels, channelsPerTask);
  batch = b.div(task, blocks);
  Value from = b.mul(b.rem(task, blocks), channelsPerTask);
  Value to = b.min(b.add(from, channelsPerTask), channels);
  int64_t lanes = b.lanes();
  auto emitWhole = [&](int64_t count) {
    int64_t step = count * lanes;
    Value even = b.add(from, b.mul(b.div(b.sub(to, from), step), step));
    b.loop(from, even, step,
           [&](Value c) { emitChannels(c, {}, lanes, count); });
    from = even;
  };
  // Beside the taps there are extras and what the element region needs.
  int64_t group = b.getLevel().registers / (2 * taps);
  if (group > 1)
    emitWhole(std::min<int64_t>(group, 4));
  emitWhole(1);
  Value even = from;
  // What is left of a task, and of the last one, is known by now.
  int64_t last = channels % channelsPerTask;
  int64_t rests[] = {channelsPerTask % lanes, last % lanes};
  for (int64_t i = 0; i < 2; ++i) {
    int64_t rest = rests[i];
    if (!rest || (i == 1 && rest == rests[0]))
      continue;
    b.when(b.equal(b.sub(to, even), rest),
           [&] { emitChannels(even, b.tailMask(rest), rest, 1); });
  }
}

Value ShortConvEmitter::loadTap(int64_t vector, int64_t tap, int64_t count) {
  Value taps = b.splat(0.0);
  for (int64_t lane = 0; lane < count; ++lane)
    taps = vector::InsertOp::create(
        b, b.loadScalar(b.buffer(1), {b.add(channelOf(vector), lane), tap}),
        taps, lane);
  return taps;
}

Value ShortConvEmitter::loadToken(Value token, int64_t vector,
                                  bool mayBeBefore) {
  Value column = channelOf(vector);
  auto loadInput = [&] {
    return Values{b.load(b.buffer(0), {batch, token, column}, mask)};
  };
  if (!mayBeBefore)
    return loadInput()[0];
  return b.select(
      b.less(token, 0),
      [&] {
        return Values{
            b.load(initial(), {batch, b.add(token, reach), column}, mask)};
      },
      loadInput)[0];
}

void ShortConvEmitter::emitToken(Value token, bool mayReachBack) {
  // The hardware does not look ahead over pages.
  constexpr int64_t kAhead = 16;
  Value next = b.min(b.add(token, kAhead), b.sub(b.scalar(1), 1));
  for (int64_t v = 0; v < vectors; ++v)
    for (Value buffer : {b.buffer(0), out()})
      b.prefetch(buffer, {batch, next, channelOf(v)}, /*locality=*/3);
  for (int64_t v = 0; v < vectors; ++v)
    emitVector(token, v, mayReachBack);
}

void ShortConvEmitter::emitVector(Value token, int64_t vector,
                                  bool mayReachBack) {
  Value acc = b.splat(0.0);
  for (int64_t w = 0; w < taps; ++w) {
    int64_t back = (taps - 1 - w) * dilation;
    Value x = loadToken(b.sub(token, back), vector, mayReachBack && back);
    acc = b.fma(x, filter[vector * taps + w], acc);
  }
  Region &region = b.getKernel().getElement();
  if (!region.empty()) {
    SmallVector<LaneValue> arguments{LaneValue::varying(acc)};
    for (Value extra :
         ArrayRef<Value>(extraVectors).slice(vector * extras, extras))
      arguments.push_back(LaneValue::varying(extra));
    FailureOr<Value> built =
        buildElement(b, region, arguments, b.lanes(), mask);
    if (failed(built))
      status = failure();
    else
      acc = *built;
  }
  b.store(acc, out(), {batch, token, channelOf(vector)}, mask);
}

void ShortConvEmitter::emitChannels(Value atChannel, Value atMask,
                                    int64_t count, int64_t atVectors) {
  channel = atChannel, mask = atMask, vectors = atVectors;
  filter.clear(), extraVectors.clear();
  for (int64_t v = 0; v < vectors; ++v) {
    for (int64_t w = 0; w < taps; ++w)
      filter.push_back(loadTap(v, w, count));
    for (unsigned i = 0; i < extras; ++i)
      extraVectors.push_back(b.load(b.buffer(2 + i), {channelOf(v)}, mask));
  }

  Value tokens = b.scalar(1), first = b.min(tokens, reach);
  if (reach)
    b.loop(0, first, 1, [&](Value t) { emitToken(t, true); });
  b.loop(first, tokens, 1, [&](Value t) { emitToken(t, false); });
  // In place this moves rows to the front, each before it is written.
  b.loop(0, reach, 1, [&](Value row) {
    Value token = b.add(b.sub(tokens, reach), row);
    for (int64_t v = 0; v < vectors; ++v)
      b.store(loadToken(token, v, true), final(), {batch, row, channelOf(v)},
              mask);
  });
}

static LogicalResult emitShortConv(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<int64_t> channels = b.requireInt("c"), taps = b.requireInt("w"),
                     perTask = b.requireInt("channels_per_task");
  if (failed(channels) || failed(taps) || failed(perTask))
    return failure();
  if (b.getNumBuffers() < 5)
    return kernel.emitOpError()
           << "expected at least 5 operands but got " << b.getNumBuffers();
  b.getFunction()->setAttr("program.aliased", b.getUnitAttr());
  ShortConvEmitter emitter(b, *channels, *taps, b.getInt("dilation", 1));
  b.forTasks([&](Value task) { emitter.emitTask(task, *perTask); });
  return emitter.getStatus();
}

static RegisterKernelEmitter shortConv("short_conv", emitShortConv);
