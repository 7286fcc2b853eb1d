//===- PackRows.cpp - Parameters as row-major numbers ---------------------===//

#include "compiler/codegen/common/packing/PackRows.h"

using namespace mlir;
using namespace weft;
using namespace weft::packing;

/// Numbers converted at once: whole blocks of any scheme.
static constexpr int64_t kChunk = 1 << 14;

static void packSource(const Numbers &source, Type element,
                       llvm::raw_ostream &out) {
  if (auto bytes = source.bytesIf(element)) {
    out.write(reinterpret_cast<const char *>(bytes->data), bytes->size);
    return;
  }
  std::vector<double> numbers(kChunk);
  for (int64_t first = 0, e = source.size(); first < e; first += kChunk) {
    int64_t count = std::min(kChunk, e - first);
    source.read(first, count, numbers.data());
    for (double number : ArrayRef(numbers).take_front(count))
      writeNumber(number, element, out);
  }
}

LogicalResult packing::packRows(Operation *op, program::RowsAttr layout,
                                ArrayRef<Numbers> sources,
                                llvm::raw_ostream &out) {
  int64_t size = 0;
  for (const Numbers &source : sources)
    size += source.size();
  if (size != layout.getType().getNumElements())
    return op->emitOpError() << "expected " << layout.getType().getNumElements()
                             << " numbers but its sources have " << size;
  for (const Numbers &source : sources)
    packSource(source, layout.getType().getElementType(), out);
  return success();
}
