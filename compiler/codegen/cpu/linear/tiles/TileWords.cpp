//===- TileWords.cpp - Tiles as f32 where there is no matrix unit ---------===//
//
// A row of a tile is a word of i32 an output: the bf16 of an even input low,
// that of the next one high. Both are f32 by a shift and by a mask.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

static constexpr int64_t kOutputs = program::TileLayout::kOutputs;
static constexpr int64_t kPairs = 16; // of inputs, in a tile

namespace {
/// The tiles of one panel.
class TileWords {
public:
  TileWords(KernelBuilder &b, const LinearKernel &kernel, unsigned product,
            Value panel)
      : b(b), k(kernel.k) {
    program::PanelsAttr layout = kernel.layouts[product];
    auto tiles = *program::TileLayout::find(layout);
    parts = tiles.parts;
    words =
        b.view(kernel.weight(b, product), b.mul(panel, layout.getPanelBytes()),
               MemRefType::get({layout.getWidth() / kOutputs, tiles.steps,
                                parts, kPairs, kOutputs},
                               b.getI32Type()));
  }

  /// The f32 of the inputs 2 `pair` and the next, 32 `step` on, for a vector of
  /// outputs from `column` on.
  std::pair<Value, Value> read(Value step, Value pair, int64_t column);

  /// Calls `body` for each pair of inputs of the steps [from, to), the last of
  /// which may be short, with the first of them and whether there is a second.
  Values forPairs(Value from, Value to, ValueRange init,
                  function_ref<Values(Value step, Value pair, Value input,
                                      bool isWhole, ValueRange in)>
                      body);
  /// Steps of all inputs.
  int64_t getSteps() const { return llvm::divideCeil(k, 2 * kPairs); }

private:
  KernelBuilder &b;
  int64_t k, parts;
  Value words;
};
} // namespace

std::pair<Value, Value> TileWords::read(Value step, Value pair,
                                        int64_t column) {
  VectorType i32 = b.vectorType(b.getI32Type());
  auto toFloat = [&](Value bits) -> Value {
    return vector::BitCastOp::create(b, b.vectorType(), bits);
  };
  Value even, odd;
  for (int64_t part = 0; part < parts; ++part) {
    Value word =
        b.load(words, {column / kOutputs, step, part, pair, column % kOutputs});
    Value low = toFloat(arith::ShLIOp::create(b, word, b.integer(16, i32)));
    Value high = toFloat(
        arith::AndIOp::create(b, word, b.integer(int32_t(0xFFFF0000), i32)));
    even = even ? b.addf(even, low) : low;
    odd = odd ? b.addf(odd, high) : high;
  }
  return {even, odd};
}

Values TileWords::forPairs(
    Value from, Value to, ValueRange init,
    function_ref<Values(Value, Value, Value, bool, ValueRange)> body) {
  constexpr int64_t kInputs = 2 * kPairs;
  auto forStep = [&](Value step, int64_t pairs, ValueRange in) {
    return b.loop(0, pairs, 1, in, [&](Value pair, ValueRange in) {
      Value input = b.add(b.mul(step, kInputs), b.mul(pair, 2));
      return body(step, pair, input, true, in);
    });
  };
  int64_t steps = k / kInputs, rest = k % kInputs;
  Values values =
      b.loop(from, b.min(to, steps), 1, init, [&](Value step, ValueRange in) {
        return Values(forStep(step, kPairs, in));
      });
  if (!rest)
    return values;
  auto emitRest = [&] {
    Values last = forStep(b.index(steps), rest / 2, values);
    if (rest % 2)
      last =
          body(b.index(steps), b.index(rest / 2), b.index(k - 1), false, last);
    return last;
  };
  Value hasRest = b.less(steps, to);
  if (init.empty()) {
    b.when(hasRest, [&] { emitRest(); });
    return {};
  }
  return b.select(hasRest, emitRest, [&] { return values; });
}

Values cpu::emitFewRowsOfTiles(KernelBuilder &b, const LinearKernel &kernel,
                               unsigned product, const FewRowsPanel &where,
                               int64_t firstVector, int64_t vectors) {
  TileWords words(b, kernel, product, where.panel);
  // Even and odd inputs in sums of their own, so that latency is covered.
  int64_t rows = where.rows.staticCount, size = rows * vectors;
  auto addPair = [&](Value step, Value pair, Value input, bool isWhole,
                     ValueRange in) {
    Values next(in);
    for (int64_t v = 0; v < vectors; ++v) {
      auto [even, odd] = words.read(step, pair, (firstVector + v) * b.lanes());
      for (int64_t r = 0; r < rows; ++r) {
        auto add = [&](Value number, int64_t t) {
          Value x = b.loadBroadcast(
              kernel.input(b), {where.rows.getInputRow(b, r), b.add(input, t)});
          Value &sum = next[t * size + r * vectors + v];
          sum = b.fma(x, number, sum);
        };
        add(even, 0);
        if (isWhole)
          add(odd, 1);
      }
    }
    return next;
  };
  Values acc = words.forPairs(b.index(0), b.index(words.getSteps()),
                              Values(2 * size, b.splat(0)), addPair);
  for (int64_t i = 0; i < size; ++i)
    acc[i] = b.addf(acc[i], acc[size + i]);
  acc.truncate(size);
  return acc;
}

void cpu::emitNumbersOfTiles(KernelBuilder &b, const LinearKernel &kernel,
                             unsigned product, Value panel,
                             const ColumnRange &range, Value target) {
  TileWords words(b, kernel, product, panel);
  Value from = b.div(range.first, 2 * kPairs);
  Value to = b.ceilDiv(b.add(range.first, range.count), 2 * kPairs);
  words.forPairs(
      from, to, {},
      [&](Value step, Value pair, Value input, bool isWhole, ValueRange) {
        Value row = b.sub(input, range.first);
        for (int64_t v = 0; v < kernel.getVectors(b); ++v) {
          int64_t column = v * b.lanes();
          auto [even, odd] = words.read(step, pair, column);
          b.store(even, target, {row, column});
          if (isWhole)
            b.store(odd, target, {b.add(row, 1), column});
        }
        return Values();
      });
}
