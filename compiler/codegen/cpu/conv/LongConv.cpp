//===- LongConv.cpp - Kernels of family long_conv -------------------------===//
//
// Channels are in lanes. By Fourier transforms of two vectors of channels at a
// time, the one the real, the other the imaginary part z = x + i y: with
// filters f and g of the two, the transform of (f * x) + i (g * y) is
//
//   Z[k] (F[k] + G[k]) / 2 + conj(Z[-k]) (F[k] - G[k]) / 2
//
// where F and G come of one transform of f + i g in the same way. Where all
// channels of a task share a filter it is Z[k] F[k]. Row -k lies at the mirror
// image of the place of k, within places of the same highest bit.
//
// Few tokens, and more than scratch is made for, are summed up directly.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/KernelEmitter.h"
#include "compiler/codegen/cpu/conv/Fourier.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

using Index = KernelBuilder::Index;
using Values = KernelBuilder::Values;
using Complex = Fourier::Complex;

class LongConvEmitter {
public:
  LongConvEmitter(KernelBuilder &b, int64_t channels, int64_t groups,
                  int64_t rows, int64_t perTask)
      : b(b), fourier(b, b.buffer(2)), perGroup(channels / groups),
        groups(groups), channels(channels), rows(rows), perTask(perTask),
        isShared(b.has("by_group")) {}

  void emit();

private:
  /// Vectors of channels from `channel` on, `masks` where they end.
  struct Channels {
    Value channel;
    Value masks[2];
  };
  void findSize();
  void emitTask(Value task);
  void forPairs(Value from, Value to,
                function_ref<void(const Channels &)> body);

  void transformFilter(const Channels &at);
  void splitFilter();
  void convolve(Value batch, const Channels &at);
  void multiply();
  void sumDirectly(Value batch, const Channels &at, int64_t vector);
  /// What vector `vector` of the channels is multiplied by.
  Value loadTap(Value row, const Channels &at, int64_t vector);
  /// Places of k and -k for all but k = 0 and k = size / 2.
  void forMirrored(function_ref<void(Value place, Value mirrored)> body);

  KernelBuilder &b;
  Fourier fourier;
  int64_t perGroup, groups, channels, rows, perTask;
  bool isShared;
  Value batches = b.scalar(0), tokens = b.scalar(1), taps = b.scalar(2),
        skip = b.scalar(3);
  Value ahead, results;      // Tokens a token sees after it; tokens of out.
  Value backMost, aheadMost; // Distances that there are.
  Value size, log, isDirect; // Of the transform, or none.
  Value spectrum, signal;    // [rows, 2 lanes]
};

} // namespace

void LongConvEmitter::findSize() {
  ahead = b.index(int64_t(0));
  if (b.has("bidirectional"))
    ahead = b.div(taps, 2);
  results = b.sub(tokens, skip);
  Value last = b.sub(tokens, 1);
  backMost = b.min(b.sub(b.sub(taps, 1), ahead), last);
  aheadMost = b.min(ahead, last);
  // A circle so long that what leaves it at one end misses the results.
  Value needed = b.add(tokens, b.max(b.max(backMost, aheadMost), 0));
  constexpr int64_t kLargestLog = 40;
  Values found =
      b.loop(0, kLargestLog, 1, {b.index(int64_t(4)), b.index(int64_t(2))},
             [&](Value, ValueRange old) -> Values {
               Value grows = b.less(old[0], needed);
               auto choose = [&](Value next, Value now) -> Value {
                 return arith::SelectOp::create(b, grows, next, now);
               };
               return {choose(b.mul(old[0], 2), old[0]),
                       choose(b.add(old[1], 1), old[1])};
             });
  size = found[0], log = found[1];
  // A row of the transform costs as much as some 16 products.
  constexpr int64_t kProductsOfRow = 16;
  Value reach = b.add(b.add(b.max(backMost, 0), aheadMost), 1);
  Value few = b.less(b.mul(results, reach), b.mul(size, kProductsOfRow));
  isDirect = arith::OrIOp::create(b, few, b.less(rows, size));
}

void LongConvEmitter::emit() {
  spectrum = b.scratch({rows, 2 * b.lanes()}, b.getF32Type());
  signal = b.scratch({rows, 2 * b.lanes()}, b.getF32Type());
  findSize();
  b.forTasks([&](Value task) { emitTask(task); });
}

void LongConvEmitter::forPairs(Value from, Value to,
                               function_ref<void(const Channels &)> body) {
  int64_t lanes = b.lanes();
  b.loop(from, to, 2 * lanes, [&](Value channel) {
    Value count = b.sub(to, channel);
    body({channel,
          {b.tailMask(count), b.tailMask(b.max(b.sub(count, lanes), 0))}});
  });
}

void LongConvEmitter::emitTask(Value task) {
  // A group's channels, or any, `perTask` at a time.
  int64_t extent = isShared ? perGroup : channels;
  int64_t blocks = llvm::divideCeil(extent, perTask);
  Value first = b.mul(b.div(task, blocks), extent);
  Value from = b.add(first, b.mul(b.rem(task, blocks), perTask));
  Value to = b.min(b.add(from, perTask), b.add(first, extent));
  auto forBatches = [&](function_ref<void(Value)> body) {
    b.loop(0, batches, 1, body);
  };
  b.when(
      isDirect,
      [&] {
        forPairs(from, to, [&](const Channels &at) {
          forBatches([&](Value batch) {
            for (int64_t vector = 0; vector < 2; ++vector)
              sumDirectly(batch, at, vector);
          });
        });
      },
      [&] {
        if (isShared)
          transformFilter({from, {}});
        forPairs(from, to, [&](const Channels &at) {
          if (!isShared)
            transformFilter(at);
          forBatches([&](Value batch) { convolve(batch, at); });
        });
      });
}

//===----------------------------------------------------------------------===//
// Filters
//===----------------------------------------------------------------------===//

Value LongConvEmitter::loadTap(Value row, const Channels &at, int64_t vector) {
  Value filter = b.buffer(1), first = b.add(at.channel, vector * b.lanes());
  if (isShared)
    return b.loadBroadcast(filter, {row, b.div(at.channel, perGroup)});
  if (perGroup == 1)
    return b.load(filter, {row, first}, at.masks[vector]);
  Value taps = b.splat(0.0);
  for (int64_t lane = 0; lane < b.lanes(); ++lane) {
    Value group = b.min(b.div(b.add(first, lane), perGroup), groups - 1);
    taps = vector::InsertOp::create(b, b.loadScalar(filter, {row, group}), taps,
                                    lane);
  }
  return taps;
}

void LongConvEmitter::transformFilter(const Channels &at) {
  Value zero = b.splat(0.0);
  Value real = arith::UIToFPOp::create(
      b, b.getF32Type(),
      arith::IndexCastOp::create(b, b.getI32Type(), size).getResult());
  Value scale = b.broadcast(b.divf(b.real(1.0), real));
  auto put = [&](Value tap, Value row) {
    Value re = b.mulf(loadTap(tap, at, 0), scale);
    Value im = isShared ? zero : b.mulf(loadTap(tap, at, 1), scale);
    fourier.store({re, im}, spectrum, row);
  };
  Value after = b.max(b.add(backMost, 1), 0);
  b.loop(0, after, 1, [&](Value d) { put(b.add(ahead, d), d); });
  Value wrapped = b.sub(size, aheadMost);
  b.loop(after, wrapped, 1,
         [&](Value row) { fourier.store({zero, zero}, spectrum, row); });
  b.loop(wrapped, size, 1,
         [&](Value row) { put(b.sub(ahead, b.sub(size, row)), row); });
  fourier.forward(spectrum, size, log);
  if (!isShared)
    splitFilter();
}

void LongConvEmitter::forMirrored(function_ref<void(Value, Value)> body) {
  b.loop(1, log, 1, [&](Value bit) {
    Value begin = arith::ShLIOp::create(b, b.index(int64_t(1)), bit);
    Value last = b.sub(b.mul(begin, 2), 1);
    b.loop(0, b.div(begin, 2), 1,
           [&](Value i) { body(b.add(begin, i), b.sub(last, i)); });
  });
}

/// Leaves (F + G) / 2 at the place of k and (F - G) / 2 at that of -k.
void LongConvEmitter::splitFilter() {
  Value half = b.splat(0.5);
  auto halve = [&](Complex x) {
    return Complex{b.mulf(x.re, half), b.mulf(x.im, half)};
  };
  forMirrored([&](Value place, Value mirrored) {
    Complex x = fourier.load(spectrum, place);
    Complex y = fourier.load(spectrum, mirrored);
    y.im = arith::NegFOp::create(b, y.im);
    Complex f = halve(fourier.add(x, y)), d = halve(fourier.sub(x, y));
    Complex g{d.im, arith::NegFOp::create(b, d.re)};
    fourier.store(halve(fourier.add(f, g)), spectrum, place);
    fourier.store(halve(fourier.sub(f, g)), spectrum, mirrored);
  });
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

void LongConvEmitter::multiply() {
  if (isShared) {
    b.loop(0, size, 1, [&](Value row) {
      Complex z = fourier.load(signal, row), f = fourier.load(spectrum, row);
      fourier.store(fourier.mul(z, f), signal, row);
    });
    return;
  }
  // There both transforms are real.
  for (int64_t row = 0; row < 2; ++row) {
    Complex z = fourier.load(signal, row), f = fourier.load(spectrum, row);
    fourier.store({b.mulf(z.re, f.re), b.mulf(z.im, f.im)}, signal, row);
  }
  forMirrored([&](Value place, Value mirrored) {
    Complex z = fourier.load(signal, place);
    Complex w = fourier.load(signal, mirrored);
    Complex mean = fourier.load(spectrum, place);
    Complex rest = fourier.load(spectrum, mirrored);
    auto conjugate = [&](Complex x) {
      return Complex{x.re, arith::NegFOp::create(b, x.im)};
    };
    fourier.store(
        fourier.add(fourier.mul(z, mean), fourier.mul(conjugate(w), rest)),
        signal, place);
    fourier.store(fourier.add(fourier.mulConjugate(w, mean),
                              fourier.mulConjugate(conjugate(z), rest)),
                  signal, mirrored);
  });
}

void LongConvEmitter::convolve(Value batch, const Channels &at) {
  Value second = b.add(at.channel, b.lanes());
  b.loop(0, tokens, 1, [&](Value t) {
    fourier.store({b.load(b.buffer(0), {batch, t, at.channel}, at.masks[0]),
                   b.load(b.buffer(0), {batch, t, second}, at.masks[1])},
                  signal, t);
  });
  Value zero = b.splat(0.0);
  b.loop(tokens, size, 1,
         [&](Value row) { fourier.store({zero, zero}, signal, row); });
  fourier.forward(signal, size, log);
  multiply();
  fourier.inverse(signal, size, log);
  b.loop(0, results, 1, [&](Value t) {
    Complex z = fourier.load(signal, b.add(t, skip));
    b.store(z.re, b.buffer(3), {batch, t, at.channel}, at.masks[0]);
    b.store(z.im, b.buffer(3), {batch, t, second}, at.masks[1]);
  });
}

void LongConvEmitter::sumDirectly(Value batch, const Channels &at,
                                  int64_t vector) {
  Value channel = b.add(at.channel, vector * b.lanes());
  b.loop(0, results, 1, [&](Value t) {
    Value place = b.add(t, skip);
    Value from = b.max(b.sub(place, backMost), 0);
    Value to = b.min(b.add(b.add(place, aheadMost), 1), tokens);
    Value sum = b.loop(
        from, to, 1, {b.splat(0.0)}, [&](Value s, ValueRange sums) -> Values {
          Value row = b.add(b.sub(place, s), ahead);
          Value x = b.load(b.buffer(0), {batch, s, channel}, at.masks[vector]);
          return {b.fma(loadTap(row, at, vector), x, sums[0])};
        })[0];
    b.store(sum, b.buffer(3), {batch, t, channel}, at.masks[vector]);
  });
}

static LogicalResult emitLongConv(program::KernelOp kernel, KernelBuilder &b) {
  FailureOr<int64_t> channels = b.requireInt("c"), groups = b.requireInt("g"),
                     rows = b.requireInt("rows"),
                     perTask = b.requireInt("channels_per_task");
  if (failed(channels) || failed(groups) || failed(rows) || failed(perTask))
    return failure();
  if (b.getNumBuffers() != 4 || kernel.getScalars() != 4)
    return kernel.emitOpError()
           << "expected 4 operands and 4 scalars but got " << b.getNumBuffers()
           << " and " << kernel.getScalars();
  if (*groups < 1 || *channels % *groups)
    return kernel.emitOpError()
           << "expected channels in groups of one size but got " << *channels
           << " channels and " << *groups << " groups";
  LongConvEmitter(b, *channels, *groups, *rows, *perTask).emit();
  return success();
}

static RegisterKernelEmitter longConv("long_conv", emitLongConv);
