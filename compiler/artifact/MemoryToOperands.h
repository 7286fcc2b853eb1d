//===- MemoryToOperands.h - Buffers as bytes of a space ---------*- C++ -*-===//
//
// Every buffer of a function is a view of the arena, a parameter, a state, an
// input or an output. Views of views are resolved, so that an operand of the
// artifact is a base, a byte offset and an extent.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_COMPILER_ARTIFACT_MEMORYTOOPERANDS_H
#define WEFT_COMPILER_ARTIFACT_MEMORYTOOPERANDS_H

#include "compiler/artifact/IndexToSlots.h"
#include "compiler/artifact/Rows.h"

namespace weft::artifact {

/// Where a buffer lies.
struct Place {
  fb::Space space = fb::Space::Arena;
  uint32_t index = 0;
  Slot offset = 0;                        // bytes from the begin of the space
  llvm::SmallVector<Slot> sizes, strides; // of all axes, in elements
};

class MemoryToOperands {
public:
  MemoryToOperands(SlotBuilder &slots, IndexToSlots &index, const Rows &rows)
      : slots(slots), index(index), rows(rows) {}

  /// Places an input or output, whose sizes are slots.
  void setPort(mlir::Value port, fb::Space space, uint32_t number,
               llvm::ArrayRef<Slot> sizes);
  /// Places the result of an op of the program dialect that gives a buffer.
  mlir::LogicalResult translate(mlir::Operation *op);

  const Place &get(mlir::Value buffer) const { return places.at(buffer); }
  /// The bytes from the buffer's first to its last element.
  fb::Operand operand(mlir::Value buffer);
  /// Appends the dynamic sizes and then the dynamic strides of the buffer's
  /// type, as kernel_abi.h wants them.
  void appendShape(mlir::Value buffer, std::vector<Slot> &scalars);

private:
  mlir::LogicalResult place(mlir::Value buffer, fb::Space space,
                            uint32_t number, Slot offset,
                            mlir::ValueRange sizes, mlir::ValueRange strides);

  SlotBuilder &slots;
  IndexToSlots &index;
  const Rows &rows;
  llvm::DenseMap<mlir::Value, Place> places;
};

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_MEMORYTOOPERANDS_H
