//===- FewRows.cpp - Products of few rows straight from packed weights ----===//
//
// Weights are read once and bound the speed. In each group codes are multiplied
// as they are, and scale and minimum are applied to the sums:
//
//   acc += scale * sum_k code[k] x[k] + minimum * sum_k x[k]
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/LinearKernel.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

namespace {
/// One product, one panel: returns the sums by row, then vector.
class FewRowsEmitter {
public:
  FewRowsEmitter(KernelBuilder &b, const LinearKernel &kernel, unsigned product,
                 Value panel, int64_t rows, int64_t firstVector,
                 int64_t vectors, Value sums)
      : b(b), kernel(kernel), layout(kernel.layouts[product]),
        panel(b, kernel.weight(b, product), layout, panel), rows(rows),
        firstVector(firstVector), vectors(vectors), sums(sums) {}

  Values emit() { return layout.getScheme() ? emitBlocks() : emitNumbers(); }

private:
  Values emitNumbers();
  Values emitBlocks();
  Values emitGroup(CodeReader &reader, Value group, ValueRange totals);
  int64_t column(int64_t v) { return (firstVector + v) * b.lanes(); }
  Value input(int64_t row, Value k) {
    return b.loadBroadcast(kernel.input(b), {row, k});
  }
  /// Independent chains of FMA for each sum, so that latency is covered.
  int64_t getChains() { return rows * vectors < 6 ? 2 : 1; }
  Values zeros(int64_t count) { return Values(count, b.splat(0)); }

  KernelBuilder &b;
  const LinearKernel &kernel;
  program::PanelsAttr layout;
  Panel panel;
  int64_t rows, firstVector, vectors;
  Value sums;
};
} // namespace

Values FewRowsEmitter::emitNumbers() {
  int64_t chains = kernel.k % getChains() ? 1 : getChains();
  int64_t size = rows * vectors;
  Values acc = b.loop(0, kernel.k, chains, zeros(chains * size),
                      [&](Value first, ValueRange in) {
                        Values next(in);
                        for (int64_t c = 0; c < chains; ++c) {
                          Value k = b.add(first, c);
                          for (int64_t v = 0; v < vectors; ++v) {
                            Value w =
                                toF32(b, b.load(panel.numbers, {k, column(v)}));
                            for (int64_t r = 0; r < rows; ++r) {
                              Value &sum = next[c * size + r * vectors + v];
                              sum = b.fma(input(r, k), w, sum);
                            }
                          }
                        }
                        return next;
                      });
  for (int64_t i = 0; chains == 2 && i < size; ++i)
    acc[i] = b.addf(acc[i], acc[size + i]);
  acc.truncate(size);
  return acc;
}

Values FewRowsEmitter::emitGroup(CodeReader &reader, Value group,
                                 ValueRange totals) {
  int64_t groupSize = layout.getScheme().getGroupSize();
  int64_t perWord = reader.getCodesPerWord(), chains = getChains();
  int64_t size = rows * vectors;
  Values acc(chains * size); // null: nothing added yet
  for (int64_t i = 0; i < groupSize / perWord; ++i) {
    Value word = b.add(b.mul(group, groupSize / perWord), i);
    SmallVector<Values> codes;
    for (int64_t v = 0; v < vectors; ++v)
      codes.push_back(reader.read(b.load(panel.codes, {word, column(v)})));
    for (int64_t t = 0; t < perWord; ++t)
      for (int64_t r = 0; r < rows; ++r) {
        Value x = input(r, b.add(b.mul(group, groupSize), i * perWord + t));
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = acc[t % chains * size + r * vectors + v];
          sum = sum ? b.fma(x, codes[v][t], sum) : b.mulf(x, codes[v][t]);
        }
      }
  }
  Values next(totals);
  for (int64_t v = 0; v < vectors; ++v) {
    Value scale =
        loadGroup(b, panel.scales, group, column(v), 1 / reader.getFactor());
    Value minimum =
        panel.minima ? loadGroup(b, panel.minima, group, column(v)) : Value();
    for (int64_t r = 0; r < rows; ++r) {
      int64_t at = r * vectors + v;
      Value sum = chains == 2 ? b.addf(acc[at], acc[size + at]) : acc[at];
      next[at] = b.fma(scale, sum, next[at]);
      if (minimum)
        next[at] = b.fma(minimum, b.loadBroadcast(sums, {r, group}), next[at]);
    }
  }
  return next;
}

Values FewRowsEmitter::emitBlocks() {
  CodeReader reader(b, layout);
  int64_t groups = kernel.k / layout.getScheme().getGroupSize();
  return b.loop(0, groups, 1, zeros(rows * vectors),
                [&](Value group, ValueRange totals) {
                  return emitGroup(reader, group, totals);
                });
}

/// Vectors at a time: a whole panel where registers allow.
static int64_t getStep(KernelBuilder &b, const LinearKernel &kernel) {
  int64_t all = kernel.getVectors(b);
  return std::min<int64_t>(all, b.getLevel().registers >= 32 ? 3 : 2);
}

int64_t cpu::getMaxFewRows(KernelBuilder &b, const LinearKernel &kernel) {
  int64_t perRow = 2 * getStep(b, kernel); // in a group, and over all groups
  return std::min<int64_t>(4, (b.getLevel().registers - 6) / perRow);
}

LogicalResult cpu::emitFewRows(KernelBuilder &b, const LinearKernel &kernel,
                               Value panel, int64_t rows,
                               ArrayRef<Value> sums) {
  int64_t all = kernel.getVectors(b), step = getStep(b, kernel);
  for (int64_t first = 0; first < all; first += step) {
    int64_t vectors = std::min(step, all - first);
    Accumulators acc(kernel.getNumProducts(), rows, vectors);
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p) {
      Values sum =
          FewRowsEmitter(b, kernel, p, panel, rows, first, vectors, sums[p])
              .emit();
      acc.set(b, p, sum);
    }
    Value column =
        b.add(b.mul(panel, kernel.width), b.index(first * b.lanes()));
    if (failed(writeBack(b, kernel, acc, b.index(0), column)))
      return failure();
  }
  return success();
}

Values cpu::emitGroupSums(KernelBuilder &b, const LinearKernel &kernel,
                          int64_t rows) {
  Values sums;
  for (program::PanelsAttr layout : kernel.layouts) {
    SchemeAttrInterface scheme = layout.getScheme();
    if (!scheme || !scheme.hasMinimum()) {
      sums.push_back({});
      continue;
    }
    int64_t size = scheme.getGroupSize(), groups = kernel.k / size;
    Value buffer = b.scratch({rows, groups}, b.getF32Type());
    b.loop(0, rows, 1, [&](Value row) {
      b.loop(0, groups, 1, [&](Value group) {
        Value sum;
        for (int64_t k = 0; k < size; k += b.lanes()) {
          Value x =
              b.load(kernel.input(b), {row, b.add(b.mul(group, size), k)});
          sum = sum ? b.addf(sum, x) : x;
        }
        b.storeScalar(b.reduceAdd(sum), buffer, {row, group});
      });
    });
    sums.push_back(buffer);
  }
  return sums;
}
