//===- WriteBack.cpp - The element region on finished accumulators --------===//

#include "compiler/codegen/cpu/ElementRegion.h"
#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "compiler/codegen/cpu/rows/TiledRows.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Value Accumulators::get(KernelBuilder &b, unsigned product, int64_t row,
                        int64_t vector) const {
  auto toF32 = [&](Value sums) -> Value {
    VectorType type = b.vectorType();
    return sums.getType() == type ? sums
                                  : arith::TruncFOp::create(b, type, sums);
  };
  if (!values[product].empty())
    return toF32(values[product][row * vectors + vector]);
  // If LLVM saw that this is what was stored, it would keep the number in a
  // register through the loops of the other products, and spill in them.
  Value start = b.opaque(0);
  return toF32(
      b.load(memory, {b.add(start, int64_t(product)), b.add(firstRow, row),
                      b.add(firstColumn, vector * b.lanes())}));
}

namespace {
/// Where one vector of results goes.
struct Place {
  Value row, column, mask;
};
} // namespace

static FailureOr<Value> applyElement(KernelBuilder &b,
                                     const LinearKernel &kernel,
                                     ArrayRef<Value> products,
                                     const Place &place) {
  if (!kernel.element)
    return products.front();
  SmallVector<LaneValue> arguments;
  for (Value product : products)
    arguments.push_back(LaneValue::varying(product));
  for (unsigned i = kernel.getFirstExtra(); i + 1 < b.getNumBuffers(); ++i) {
    SmallVector<KernelBuilder::Index> at = {place.column};
    if (b.bufferType(i).getRank() == 2)
      at.insert(at.begin(), place.row);
    arguments.push_back(
        LaneValue::varying(b.load(b.buffer(i), at, place.mask)));
  }
  return buildElement(b, *kernel.element, arguments, b.lanes(), place.mask);
}

/// Results of two vectors side by side as one.
static Value joinVectors(KernelBuilder &b, Value low, Value high) {
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(2 * b.lanes()));
  return b.shuffle(low, high, all);
}

LogicalResult cpu::writeBack(KernelBuilder &b, const LinearKernel &kernel,
                             const Accumulators &acc, Value row, Value column) {
  bool needsMask =
      kernel.n % kernel.width != 0 || kernel.n % (acc.vectors * b.lanes()) != 0;
  RowOutput out(b, kernel.out(b), kernel.n);
  // Two vectors of 16 numbers are a line of a tile.
  bool inPairs = out.takesPairs() && !needsMask && acc.vectors == 2;
  SmallVector<Value> lows(acc.rows);
  for (int64_t v = 0; v < acc.vectors; ++v) {
    Place place;
    place.column = b.add(column, v * b.lanes());
    if (needsMask)
      place.mask =
          b.tailMask(b.max(b.sub(b.index(kernel.n), place.column), b.index(0)));
    for (int64_t r = 0; r < acc.rows; ++r) {
      place.row = b.add(row, r);
      SmallVector<Value> products;
      for (unsigned p = 0; p < acc.products; ++p)
        products.push_back(acc.get(b, p, r, v));
      FailureOr<Value> result = applyElement(b, kernel, products, place);
      if (failed(result))
        return failure();
      if (!inPairs)
        out.store(*result, place.row, place.column, place.mask);
      else if (v == 0)
        lows[r] = *result;
      else
        out.store(joinVectors(b, lows[r], *result), place.row, column);
    }
  }
  return success();
}
