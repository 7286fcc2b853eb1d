//===- ByteProduct.cpp - Products of bytes in vectors ---------------------===//
//
// The rows of a block become bytes in scratch once. Then, panel by panel,
// register tiles run over the rows; their sums are scaled and written row by
// row, so that a tile may have rows that are not there.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/tiles/ByteProduct.h"
#include "compiler/codegen/cpu/linear/ByteDot.h"
#include "compiler/codegen/cpu/linear/WeightFetch.h"
#include "compiler/codegen/cpu/linear/tiles/ByteInput.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

static constexpr int64_t kOutputs = program::TileLayout::kOutputs;
/// What is added to a row's codes, so that they are unsigned.
static constexpr int64_t kZeroCode = 128;
/// Inputs of a turn of the inner loop; words of four.
static constexpr int64_t kChunk = 16, kQuads = kChunk / 4;
/// Lines of the next panel that such a turn fetches at most.
static constexpr int64_t kFetchLines = 2;

namespace {
/// Rows of a register tile and vectors of outputs.
struct Shape {
  int64_t rows, vectors;
};

/// Rows by a panel.
struct ByteTile {
  Value panel, lastPanel; ///< Numbers; the last one of the call.
  Value number;           ///< Among the tiles of the panel.
  Value firstRow;         ///< Of the row block.
  Value fetchBytes;       ///< Of the next panel, in a turn of the inner loop.
};

class ByteEmitter {
public:
  ByteEmitter(KernelBuilder &b, const LinearKernel &kernel, int64_t rows);
  LogicalResult emit();

private:
  void fill(Value first, Value count);
  void emitPanel(Value panel, Value last);
  void emitProduct(unsigned product, const ByteTile &tile);
  void multiplyStep(const ByteTile &tile, Value weights, int64_t vector,
                    Value quad, MutableArrayRef<Value> acc);
  void fetch(const ByteTile &tile, unsigned product, Value chunk);
  void keep(unsigned product, const ByteTile &tile, int64_t vector,
            ValueRange acc);
  void writeRow(const ByteTile &tile, Value r);

  KernelBuilder &b;
  const LinearKernel &kernel;
  ByteDot dot;
  Shape shape;
  int64_t chunks;   ///< Of kChunk inputs.
  Value codes;      ///< [rows][K, whole chunks] of i8
  Value words;      ///< The same as i32.
  Value scales;     ///< [rows] of f32
  Value sums;       ///< [products][rows of a tile][width] of f32
  Value row, count; ///< Of the row block.
  LogicalResult result = success();
};
} // namespace

/// As many sums as registers hold beside weights and a row.
static Shape getShape(KernelBuilder &b, const LinearKernel &kernel,
                      int64_t rows) {
  bool isWide = b.getLevel().registers >= 32;
  int64_t most = isWide ? 8 : 4, vectors = isWide ? 3 : 2;
  while (kernel.getVectors(b) % vectors)
    --vectors;
  return {rows > 0 ? std::min(rows, most) : most, vectors};
}

ByteEmitter::ByteEmitter(KernelBuilder &b, const LinearKernel &kernel,
                         int64_t rows)
    : b(b), kernel(kernel), dot(b), shape(getShape(b, kernel, rows)),
      chunks(llvm::divideCeil(kernel.k, kChunk)) {
  int64_t most =
      rows > 0 ? std::min(rows, kernel.rowsPerTask) : kernel.rowsPerTask;
  most = llvm::alignTo(most, shape.rows);
  int64_t columns = chunks * kChunk;
  Value bytes = b.scratch({most * columns}, b.getI8Type());
  codes = b.view(bytes, 0, MemRefType::get({most, columns}, b.getI8Type()));
  words =
      b.view(bytes, 0, MemRefType::get({most, columns / 4}, b.getI32Type()));
  scales = b.scratch({most}, b.getF32Type());
  sums = b.scratch({int64_t(kernel.getNumProducts()), shape.rows, kernel.width},
                   b.getF32Type());
}

void ByteEmitter::fill(Value first, Value count) {
  b.loop(0, count, 1, [&](Value r) {
    Value scale = emitByteRow(
        b, kernel, {b.add(first, r), 0, kernel.k}, kZeroCode,
        [&](Value bytes, Value k) { b.store(bytes, codes, {r, k}); });
    b.storeScalar(scale, scales, {r});
  });
}

/// Adds the products of four inputs.
void ByteEmitter::multiplyStep(const ByteTile &tile, Value weights,
                               int64_t vector, Value quad,
                               MutableArrayRef<Value> acc) {
  SmallVector<ByteDot::Operand> w;
  for (int64_t v = 0; v < shape.vectors; ++v) {
    int64_t column = (vector + v) * b.lanes();
    w.push_back(dot.prepareSigned(
        b.load(weights, {column / kOutputs, quad, column % kOutputs})));
  }
  for (int64_t r = 0; r < shape.rows; ++r) {
    ByteDot::Operand x = dot.prepareUnsigned(
        b.loadBroadcast(words, {b.add(tile.firstRow, r), quad}));
    for (int64_t v = 0; v < shape.vectors; ++v) {
      Value &sum = acc[r * shape.vectors + v];
      sum = dot.add(sum, x, w[v]);
    }
  }
}

/// One row reads weights as fast as it can; more fetch the next panel while
/// they multiply this one.
void ByteEmitter::fetch(const ByteTile &tile, unsigned product, Value chunk) {
  program::PanelsAttr layout = kernel.layouts[product];
  Value weights = kernel.weight(b, product);
  int64_t bytes = program::TileLayout::find(layout)->getColumnBytes();
  if (shape.rows == 1) {
    StreamFetch stream(b, weights, layout, tile.panel, tile.lastPanel);
    for (int64_t i = 0; i < kernel.width / kOutputs; ++i)
      stream.emit(i * bytes, (i + 1) * bytes, chunk, kChunk * kOutputs);
    return;
  }
  Value next = b.min(b.add(tile.panel, 1), tile.lastPanel);
  LineFetch lines(b, weights, layout, b.mul(next, layout.getPanelBytes()));
  Value done = b.add(b.mul(tile.number, chunks), chunk);
  lines.emit(b.mul(done, tile.fetchBytes), kFetchLines);
}

/// Scales sums, less those of the zero code.
void ByteEmitter::keep(unsigned product, const ByteTile &tile, int64_t vector,
                       ValueRange acc) {
  ByteScales byOutput(b, kernel, product);
  VectorType i32 = b.vectorType(b.getI32Type());
  for (int64_t v = 0; v < shape.vectors; ++v) {
    int64_t lane = (vector + v) * b.lanes();
    Value column = b.add(b.mul(tile.panel, kernel.width), lane);
    Value scale = byOutput.getScales(column);
    Value offset = arith::MulIOp::create(b, byOutput.getSums(column),
                                         b.integer(kZeroCode, i32));
    for (int64_t r = 0; r < shape.rows; ++r) {
      Value sum = arith::SubIOp::create(b, acc[r * shape.vectors + v], offset);
      Value rowScale = b.loadBroadcast(scales, {b.add(tile.firstRow, r)});
      b.store(byOutput.apply(sum, rowScale, scale), sums,
              {int64_t(product), r, lane});
    }
  }
}

void ByteEmitter::emitProduct(unsigned product, const ByteTile &tile) {
  program::PanelsAttr layout = kernel.layouts[product];
  int64_t quads = program::TileLayout::find(layout)->steps * kOutputs;
  Value weights = b.view(
      kernel.weight(b, product), b.mul(tile.panel, layout.getPanelBytes()),
      MemRefType::get({kernel.width / kOutputs, quads, kOutputs},
                      b.getI32Type()));
  Values zeros(shape.rows * shape.vectors,
               b.integer(0, b.vectorType(b.getI32Type())));
  for (int64_t vector = 0; vector < kernel.getVectors(b);
       vector += shape.vectors) {
    Values acc = b.loop(0, chunks, 1, zeros, [&](Value chunk, ValueRange in) {
      Values next(in);
      if (vector == 0)
        fetch(tile, product, chunk);
      for (int64_t q = 0; q < kQuads; ++q)
        multiplyStep(tile, weights, vector, b.add(b.mul(chunk, kQuads), q),
                     next);
      return next;
    });
    keep(product, tile, vector, acc);
  }
}

void ByteEmitter::writeRow(const ByteTile &tile, Value r) {
  int64_t products = kernel.getNumProducts(), vectors = kernel.getVectors(b);
  Accumulators acc(products, 1, vectors);
  for (int64_t p = 0; p < products; ++p) {
    Values row;
    for (int64_t v = 0; v < vectors; ++v)
      row.push_back(b.load(sums, {p, r, v * b.lanes()}));
    acc.set(p, row);
  }
  Value at = b.add(row, b.add(tile.firstRow, r));
  if (failed(writeBack(b, kernel, acc, at, b.mul(tile.panel, kernel.width))))
    result = failure();
}

void ByteEmitter::emitPanel(Value panel, Value last) {
  Value tiles = b.ceilDiv(count, shape.rows);
  int64_t bytes = kernel.layouts[0].getPanelBytes();
  Value fetchBytes = b.min(b.div(b.index(bytes), b.mul(tiles, chunks)),
                           kFetchLines * kCacheLine);
  b.loop(0, tiles, 1, [&](Value number) {
    Value firstRow = b.mul(number, shape.rows);
    ByteTile tile = {panel, last, number, firstRow, fetchBytes};
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
      emitProduct(p, tile);
    b.loop(0, b.min(b.sub(count, firstRow), shape.rows), 1,
           [&](Value r) { writeRow(tile, r); });
  });
}

/// Row blocks are slowest, so that the rows of one are rounded once a call.
LogicalResult ByteEmitter::emit() {
  int64_t groups = llvm::divideCeil(kernel.panels, kernel.panelsPerTask);
  Value rows = kernel.getStaticRows(b) < 0 ? b.scalar(0)
                                           : b.index(kernel.getStaticRows(b));
  Value last =
      b.sub(b.min(b.mul(b.end(), kernel.panelsPerTask), kernel.panels), 1);
  b.loop(b.begin(), b.end(), 1, {b.index(-1)}, [&](Value task, ValueRange in) {
    Value block = b.div(task, groups);
    row = b.mul(block, kernel.rowsPerTask);
    count = b.min(b.sub(rows, row), kernel.rowsPerTask);
    b.when(b.equal(block, in[0]), [] {}, [&] { fill(row, count); });
    Value first = b.mul(b.rem(task, groups), kernel.panelsPerTask);
    Value end = b.min(b.add(first, kernel.panelsPerTask), kernel.panels);
    b.loop(first, end, 1, [&](Value panel) { emitPanel(panel, last); });
    return Values{block};
  });
  return result;
}

LogicalResult cpu::emitByteTasks(KernelBuilder &b, const LinearKernel &kernel,
                                 int64_t rows) {
  return ByteEmitter(b, kernel, rows).emit();
}
