//===- RowCodes.cpp - Rows as bytes for weights in groups -----------------===//
//
// What is found of each group, its largest magnitude and the sum of its codes,
// is found of as many groups at once as a vector has lanes: vectors of partial
// results are folded until each lane holds what a group has.
//
//===----------------------------------------------------------------------===//

#include "compiler/codegen/cpu/linear/groups/RowCodes.h"
#include "compiler/codegen/cpu/linear/ByteDot.h"
#include "compiler/codegen/cpu/rows/ByteRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

using Values = SmallVector<Value>;

RowCodes::RowCodes(KernelBuilder &b, const LinearKernel &kernel, int64_t rows)
    : b(b), kernel(kernel) {
  // Whole vectors of codes are read, the last ones beyond the end of a row.
  Value bytes = b.scratch({rows * kernel.k + 4 * b.lanes()}, b.getI8Type());
  codes = b.view(bytes, 0, MemRefType::get({rows, kernel.k}, b.getI8Type()));
  words =
      b.view(bytes, 0, MemRefType::get({rows, kernel.k / 4}, b.getI32Type()));
  auto getColumns = [&](int64_t size) {
    return int64_t(llvm::alignTo(kernel.k / size, b.lanes()));
  };
  factors = b.scratch({getColumns(kShared)}, b.getF32Type());
  scales = b.scratch({rows, getColumns(kShared)}, b.getF32Type());
  for (program::PanelsAttr layout : kernel.layouts) {
    SchemeAttrInterface scheme = layout.getScheme();
    Type type = scheme.hasMinimum() ? Type(b.getF32Type()) : b.getI32Type();
    sums.push_back(b.scratch({rows, getColumns(scheme.getGroupSize())}, type));
  }
}

/// Joins each `count` neighbouring lanes, a power of two, of as many vectors or
/// a multiple: one vector for `count`, of results in order.
static Values fold(KernelBuilder &b, Values vectors, int64_t count,
                   function_ref<Value(Value, Value)> join) {
  SmallVector<int64_t> even, odd;
  for (int64_t i = 0; i < b.lanes(); ++i) {
    even.push_back(2 * i);
    odd.push_back(2 * i + 1);
  }
  for (; count > 1; count /= 2) {
    Values joined;
    for (size_t i = 0; i < vectors.size(); i += 2)
      joined.push_back(join(b.shuffle(vectors[i], vectors[i + 1], even),
                            b.shuffle(vectors[i], vectors[i + 1], odd)));
    vectors = std::move(joined);
  }
  return vectors;
}

/// Calls `body(first, count)` for `total` groups, as many at a time as a vector
/// has lanes, in the end those that are left.
static void forBatches(KernelBuilder &b, int64_t total,
                       function_ref<void(Value, int64_t)> body) {
  int64_t rest = total % b.lanes();
  b.loop(0, total - rest, b.lanes(),
         [&](Value first) { body(first, b.lanes()); });
  if (rest)
    body(b.index(total - rest), rest);
}

void RowCodes::findScales(Value inputRow, Value row) {
  int64_t lanes = b.lanes();
  auto join = [&](Value x, Value y) -> Value {
    return arith::MaxSIOp::create(b, x, y);
  };
  forBatches(b, kernel.k / kShared, [&](Value first, int64_t count) {
    Values most;
    for (int64_t i = 0; i < count; ++i) {
      Value k = b.mul(b.add(first, i), kShared), all;
      for (int64_t j = 0; j < kShared; j += lanes) {
        Value x =
            getMagnitudes(b, b.load(kernel.input(b), {inputRow, b.add(k, j)}));
        all = all ? join(all, x) : x;
      }
      most.push_back(all);
    }
    most.append(lanes - count, most.back());
    ByteRounding rounding(
        b, vector::BitCastOp::create(b, b.vectorType(),
                                     fold(b, most, lanes, join).front()));
    b.store(rounding.factor, factors, {first});
    b.store(rounding.scale, scales, {row, first});
  });
}

void RowCodes::round(Value inputRow, Value row) {
  b.loop(0, kernel.k / kShared, 1, [&](Value index) {
    Value factor = b.loadBroadcast(factors, {index});
    for (int64_t i = 0; i < kShared; i += b.lanes()) {
      Value k = b.add(b.mul(index, kShared), i);
      Value x = b.load(kernel.input(b), {inputRow, k});
      b.store(roundToBytes(b, x, factor, /*zeroCode=*/0), codes, {row, k});
    }
  });
}

/// Adds up the codes of each group of a row.
void RowCodes::addGroups(Value row, unsigned product) {
  program::PanelsAttr layout = kernel.layouts[product];
  SchemeAttrInterface scheme = layout.getScheme();
  int64_t size = scheme.getGroupSize(), lanes = b.lanes();
  VectorType i32 = b.vectorType(b.getI32Type());
  VectorType bytes = b.vectorType(b.getI8Type(), 4 * lanes);
  ByteDot dot(b);
  ByteDot::Operand ones = dot.prepareUnsigned(b.integer(1, bytes));
  forBatches(b, kernel.k / size, [&](Value first, int64_t count) {
    Values quads;
    for (int64_t i = 0; i < count * size; i += 4 * lanes) {
      Value k = b.add(b.mul(first, size), i);
      Value all = b.load(codes, {row, k}, {}, bytes);
      quads.push_back(dot.add(b.integer(0, i32), ones, dot.prepareSigned(all)));
    }
    quads.append(size / 4 - quads.size(), quads.back());
    Value sum = fold(b, quads, size / 4, [&](Value x, Value y) -> Value {
                  return arith::AddIOp::create(b, x, y);
                }).front();
    if (scheme.hasMinimum()) {
      sum = arith::SIToFPOp::create(b, b.vectorType(), sum);
    } else {
      sum =
          arith::MulIOp::create(b, sum, b.integer(-layout.getZeroCode(), i32));
      sum = arith::AddIOp::create(b, sum, b.integer(kStart, i32));
    }
    b.store(sum, sums[product], {row, first});
  });
}

void RowCodes::fill(const RowBlock &block) {
  b.loop(0, block.count, 1, [&](Value row) {
    Value inputRow = b.add(block.row, row);
    findScales(inputRow, row);
    round(inputRow, row);
    for (unsigned p = 0; p < kernel.getNumProducts(); ++p)
      addGroups(row, p);
  });
}

Value RowCodes::getWord(Value row, Value quad) {
  return b.loadBroadcast(words, {row, quad});
}

Value RowCodes::getScale(Value row, Value index) {
  return b.loadBroadcast(scales, {row, index});
}

Value RowCodes::getStart(unsigned product, Value row, Value group) {
  if (kernel.layouts[product].getScheme().hasMinimum())
    return b.integer(kStart, b.vectorType(b.getI32Type()));
  return b.loadBroadcast(sums[product], {row, group});
}

Value RowCodes::getSum(unsigned product, Value row, Value group) {
  return b.loadBroadcast(sums[product], {row, group});
}
