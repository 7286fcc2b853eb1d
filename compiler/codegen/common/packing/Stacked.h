//===- Stacked.h - Rows of stacked sources, a panel at a time ---*- C++ -*-===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_STACKED_H
#define WEFT_CODEGEN_COMMON_PACKING_STACKED_H

#include "compiler/codegen/common/packing/Numbers.h"
#include "dialects/program/layouts/Layouts.h"

namespace weft::packing {

/// Checks that the sources are matrices of the layout's columns that make its
/// rows. `op` takes errors.
mlir::LogicalResult verifyStacked(mlir::Operation *op,
                                  program::PanelsAttr layout,
                                  llvm::ArrayRef<Numbers> sources);

/// Writes the rows of the sources, stacked, in panels of `width` lanes. A
/// packer has the bytes of one panel: `put(source, row, lane)` fills a lane,
/// `clear()` empties it for the next.
template <typename Packer>
void writeStacked(Packer packer, int64_t width, llvm::ArrayRef<Numbers> sources,
                  llvm::raw_ostream &out) {
  int64_t lane = 0;
  auto flush = [&] {
    llvm::ArrayRef<uint8_t> bytes = packer.bytes();
    out.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    packer.clear();
    lane = 0;
  };
  for (const Numbers &source : sources)
    for (int64_t row = 0; row != source.getShape()[0]; ++row) {
      packer.put(source, row, lane++);
      if (lane == width)
        flush();
    }
  if (lane)
    flush();
}

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_STACKED_H
