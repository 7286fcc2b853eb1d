//===- FewRows.cpp - Products of few rows straight from packed weights ----===//
//
// Weights are read once and bound the speed. In each group codes are multiplied
// as they are, and scale and minimum are applied to the sums:
//
//   acc += scale * sum_k code[k] x[k] + minimum * sum_k x[k]
//
// Plain numbers are added up in parts of K, so that rounding errors do not grow
// with the whole of it.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/Codes.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "compiler/codegen/cpu/linear/WeightFetch.h"
#include "compiler/codegen/cpu/linear/tiles/TileKernel.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

namespace {
/// One product, some vectors of one panel: returns the sums by row, then
/// vector.
class FewRowsEmitter {
public:
  FewRowsEmitter(KernelBuilder &b, const LinearKernel &kernel, unsigned product,
                 const FewRowsPanel &where, int64_t firstVector,
                 int64_t vectors)
      : b(b), kernel(kernel), product(product), where(where),
        layout(kernel.layouts[product]),
        panel(b, kernel.weight(b, product), layout, where.panel),
        stream(b, kernel.weight(b, product), layout, where.panel,
               where.lastPanel),
        blocks(b, kernel.weight(b, product), layout, where.panel,
               where.lastPanel),
        rows(where.rows.staticCount), firstVector(firstVector),
        vectors(vectors), sums(where.sums[product]) {}

  Values emit() {
    if (program::hasTiles(layout))
      return emitFewRowsOfTiles(b, kernel, product, where, firstVector,
                                vectors);
    return layout.getScheme() ? emitBlocks() : emitNumbers();
  }

private:
  Values emitNumbers();
  Values emitBlocks();
  void addNumbers(Value k, MutableArrayRef<Value> acc);
  void addCodes(CodeReader &reader, Value unit, MutableArrayRef<Value> acc);
  Values emitGroup(CodeReader &reader, GroupScales &scales, Value group,
                   ValueRange totals);
  int64_t column(int64_t v) { return (firstVector + v) * b.lanes(); }
  Value input(int64_t row, Value k) {
    return b.loadBroadcast(kernel.input(b),
                           {where.rows.getInputRow(b, row), k});
  }
  int64_t size() { return rows * vectors; }
  /// Independent chains of FMA for each sum, so that latency is covered.
  int64_t getChains() { return size() < 6 ? 2 : 1; }
  Values zeros(int64_t count) { return Values(count, b.splat(0)); }
  Values joinChains(Values acc);

  KernelBuilder &b;
  const LinearKernel &kernel;
  unsigned product;
  const FewRowsPanel &where;
  program::PanelsAttr layout;
  Panel panel;
  StreamFetch stream; ///< Of numbers; done once for all vectors of a panel.
  BlockFetch blocks;
  int64_t rows, firstVector, vectors;
  Value sums;
};
} // namespace

Values FewRowsEmitter::joinChains(Values acc) {
  for (int64_t i = 0; getChains() == 2 && i < size(); ++i)
    acc[i] = b.addf(acc[i], acc[size() + i]);
  acc.truncate(size());
  return acc;
}

void FewRowsEmitter::addNumbers(Value k, MutableArrayRef<Value> acc) {
  for (int64_t v = 0; v < vectors; ++v) {
    Value w = toF32(b, b.load(panel.numbers, {k, column(v)}));
    for (int64_t r = 0; r < rows; ++r) {
      Value &sum = acc[r * vectors + v];
      sum = b.fma(input(r, k), w, sum);
    }
  }
}

Values FewRowsEmitter::emitNumbers() {
  int64_t chains = getChains(), part = kernel.getPartOfK();
  int64_t step = kernel.k % 4 ? 1 : 4;
  int64_t bytes =
      step * kernel.width * layout.getStorage().getIntOrFloatBitWidth() / 8;
  return b.loop(
      0, kernel.k, part, zeros(size()), [&](Value from, ValueRange in) {
        Value end = b.min(b.add(from, part), kernel.k);
        Values acc = b.loop(
            from, end, step, zeros(chains * size()),
            [&](Value k, ValueRange in) {
              Values next(in);
              if (!firstVector)
                stream.emit(0, layout.getPanelBytes(), b.div(k, step), bytes);
              for (int64_t i = 0; i < step; ++i)
                addNumbers(b.add(k, i), MutableArrayRef(next).slice(
                                            i % chains * size(), size()));
              return next;
            });
        Values total = joinChains(acc);
        for (int64_t i = 0; i < size(); ++i)
          total[i] = b.addf(in[i], total[i]);
        return total;
      });
}

/// Adds the products of a unit of codes, in chains.
void FewRowsEmitter::addCodes(CodeReader &reader, Value unit,
                              MutableArrayRef<Value> acc) {
  if (!firstVector)
    blocks.fetchCodes(unit, reader.getUnit());
  SmallVector<CodeReader::Words> words;
  for (int64_t v = 0; v < vectors; ++v)
    words.push_back(reader.load(panel, unit, column(v)));
  Value first = b.mul(unit, reader.getUnit());
  for (int64_t k = 0; k < reader.getUnit(); k += 4) {
    SmallVector<SmallVector<Value, 4>> codes;
    for (int64_t v = 0; v < vectors; ++v)
      codes.push_back(reader.read(words[v], k / 4));
    for (int64_t t = 0; t < 4; ++t)
      for (int64_t r = 0; r < rows; ++r) {
        Value x = input(r, b.add(first, k + t));
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = acc[t % getChains() * size() + r * vectors + v];
          sum = b.fma(x, codes[v][t], sum);
        }
      }
  }
}

Values FewRowsEmitter::emitGroup(CodeReader &reader, GroupScales &scales,
                                 Value group, ValueRange totals) {
  int64_t groupSize = layout.getScheme().getGroupSize();
  int64_t units = groupSize / reader.getUnit();
  if (!firstVector)
    blocks.fetchScales(group);
  Value first = b.mul(group, units);
  Values acc = joinChains(b.loop(first, b.add(first, units), 1,
                                 zeros(getChains() * size()),
                                 [&](Value unit, ValueRange in) {
                                   Values next(in);
                                   addCodes(reader, unit, next);
                                   return next;
                                 }));
  Values next(totals);
  for (int64_t v = 0; v < vectors; ++v) {
    Value scale = scales.getScale(group, column(v));
    Value minimum = scales.getMinimum(group, column(v));
    for (int64_t r = 0; r < rows; ++r) {
      Value &total = next[r * vectors + v];
      total = b.fma(scale, acc[r * vectors + v], total);
      if (minimum)
        total = b.fma(minimum, b.loadBroadcast(sums, {r, group}), total);
    }
  }
  return next;
}

Values FewRowsEmitter::emitBlocks() {
  CodeReader reader(b, layout);
  GroupScales scales(b, panel, layout, 1 / reader.getFactor(),
                     kernel.scaleScratch);
  return scales.forGroups(0, kernel.k, zeros(size()),
                          [&](Value group, ValueRange totals) {
                            return emitGroup(reader, scales, group, totals);
                          });
}

/// Vectors at a time: a whole panel where registers allow.
static int64_t getStep(KernelBuilder &b, const LinearKernel &kernel) {
  int64_t all = kernel.getVectors(b);
  return std::min<int64_t>(all, b.getLevel().registers >= 32 ? 3 : 2);
}

int64_t cpu::getMaxFewRows(KernelBuilder &b, const LinearKernel &kernel) {
  if (kernel.getSumType(b).isF64())
    return 0;
  int64_t perRow = 2 * getStep(b, kernel); // in a group, and over all groups
  return std::min<int64_t>(
      {4, (b.getLevel().registers - 6) / perRow, kernel.rowsPerTask});
}

LogicalResult cpu::emitFewRows(KernelBuilder &b, const LinearKernel &kernel,
                               const FewRowsPanel &where) {
  int64_t all = kernel.getVectors(b), step = getStep(b, kernel);
  for (int64_t first = 0; first < all; first += step) {
    int64_t vectors = std::min(step, all - first);
    Accumulators acc(kernel.getNumProducts(), where.rows.staticCount, vectors);
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
      acc.set(p, FewRowsEmitter(b, kernel, p, where, first, vectors).emit());
    Value column =
        b.add(b.mul(where.panel, kernel.width), b.index(first * b.lanes()));
    if (failed(writeBack(b, kernel, acc, where.rows.row, column)))
      return failure();
  }
  return success();
}

Values cpu::createGroupSums(KernelBuilder &b, const LinearKernel &kernel,
                            int64_t rows) {
  Values sums;
  for (program::PanelsAttr layout : kernel.layouts) {
    SchemeAttrInterface scheme = layout.getScheme();
    bool needed = scheme && scheme.hasMinimum();
    sums.push_back(needed ? b.scratch({rows, kernel.k / scheme.getGroupSize()},
                                      b.getF32Type())
                          : Value());
  }
  return sums;
}

void cpu::emitGroupSums(KernelBuilder &b, const LinearKernel &kernel,
                        const RowBlock &rows, ValueRange sums) {
  for (unsigned p = 0; p < kernel.getNumProducts(); ++p) {
    Value buffer = sums[p];
    if (!buffer)
      continue;
    int64_t size = kernel.layouts[p].getScheme().getGroupSize();
    b.loop(0, rows.count, 1, [&](Value row) {
      b.loop(0, kernel.k / size, 1, [&](Value group) {
        Value sum;
        for (int64_t k = 0; k < size; k += b.lanes()) {
          Value x = b.load(kernel.input(b), {rows.getInputRow(b, row),
                                             b.add(b.mul(group, size), k)});
          sum = sum ? b.addf(sum, x) : x;
        }
        b.storeScalar(b.reduceAdd(sum), buffer, {row, group});
      });
    });
  }
}
