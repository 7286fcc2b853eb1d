//===- MemoryToOperands.cpp - Buffers as bytes of a space -----------------===//

#include "compiler/artifact/MemoryToOperands.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;
using fb::Opcode;
using fb::Space;

/// Static numbers as constants, dynamic ones from `values` in order.
static SmallVector<Slot> mix(SlotBuilder &slots, ArrayRef<int64_t> numbers,
                             ArrayRef<Slot> values) {
  SmallVector<Slot> result;
  for (int64_t number : numbers) {
    if (!ShapedType::isDynamic(number)) {
      result.push_back(slots.constant(number));
      continue;
    }
    result.push_back(values.front());
    values = values.drop_front();
  }
  return result;
}

static SmallVector<Slot> rowMajor(SlotBuilder &slots, ArrayRef<Slot> sizes) {
  SmallVector<Slot> strides(sizes.size());
  Slot stride = slots.constant(1);
  for (size_t i = sizes.size(); i-- > 0;) {
    strides[i] = stride;
    stride = slots.mul(stride, sizes[i]);
  }
  return strides;
}

void MemoryToOperands::setPort(Value port, Space space, uint32_t number,
                               ArrayRef<Slot> sizes) {
  places[port] = {space, number, slots.constant(0), SmallVector<Slot>(sizes),
                  rowMajor(slots, sizes)};
}

LogicalResult MemoryToOperands::place(Value buffer, Space space,
                                      uint32_t number, Slot offset,
                                      ValueRange sizeValues,
                                      ValueRange strideValues) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Slot> sizes = mix(slots, type.getShape(), index.get(sizeValues));
  if (type.getLayout().isIdentity()) {
    places[buffer] = {space, number, offset, sizes, rowMajor(slots, sizes)};
    return success();
  }
  auto layout = dyn_cast<StridedLayoutAttr>(type.getLayout());
  if (!layout || layout.getOffset() != 0)
    return buffer.getDefiningOp()->emitOpError(
               "expected a strided layout without an offset but got ")
           << type;
  places[buffer] = {space, number, offset, sizes,
                    mix(slots, layout.getStrides(), index.get(strideValues))};
  return success();
}

LogicalResult MemoryToOperands::translate(Operation *op) {
  Slot zero = slots.constant(0);
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](program::UseParameterOp use) {
        return place(use.getBuffer(), Space::Parameter,
                     rows.parameters.index(use.getSymbolAttr()), zero, {}, {});
      })
      .Case([&](program::UseStateOp use) {
        return place(use.getBuffer(), Space::State,
                     rows.states.index(use.getSymbolAttr()), zero, {}, {});
      })
      .Case([&](program::ArenaOp arena) {
        return place(arena.getBuffer(), Space::Arena, 0,
                     index.get(arena.getOffset()), arena.getSizes(), {});
      })
      .Case([&](program::ViewOp view) {
        Place base = get(view.getBase());
        auto type = cast<MemRefType>(view.getBase().getType());
        Slot bytes = slots.constant(elementBytes(type.getElementType()));
        Slot offset = slots.mul(index.get(view.getOffset()), bytes);
        return place(view.getView(), base.space, base.index,
                     slots.add(base.offset, offset), view.getSizes(),
                     view.getStrides());
      })
      .Default([](Operation *op) {
        return op->emitOpError("gives a buffer that has no place in an "
                               "artifact");
      });
}

fb::Operand MemoryToOperands::operand(Value buffer) {
  const Place &place = get(buffer);
  auto type = cast<MemRefType>(buffer.getType());
  Slot one = slots.constant(1);
  Slot elements = slots.product(place.sizes);
  Slot extent = elements;
  if (!type.getLayout().isIdentity()) {
    // One past the last element, or nothing at all.
    Slot last = one;
    for (auto [size, stride] : llvm::zip_equal(place.sizes, place.strides))
      last = slots.add(last,
                       slots.mul(slots.binary(Opcode::Sub, size, one), stride));
    extent = slots.select(elements, last, slots.constant(0));
  }
  Slot bytes = slots.constant(elementBytes(type.getElementType()));
  return fb::Operand(place.space, place.index, place.offset,
                     slots.mul(extent, bytes));
}

void MemoryToOperands::appendShape(Value buffer, std::vector<Slot> &scalars) {
  const Place &place = get(buffer);
  auto type = cast<MemRefType>(buffer.getType());
  for (auto [size, slot] : llvm::zip_equal(type.getShape(), place.sizes))
    if (ShapedType::isDynamic(size))
      scalars.push_back(slot);
  if (auto layout = dyn_cast<StridedLayoutAttr>(type.getLayout()))
    for (auto [stride, slot] :
         llvm::zip_equal(layout.getStrides(), place.strides))
      if (ShapedType::isDynamic(stride))
        scalars.push_back(slot);
}
