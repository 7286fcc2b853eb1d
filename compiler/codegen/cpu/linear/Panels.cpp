//===- Panels.cpp - Reads weights packed in panels ------------------------===//

#include "compiler/codegen/cpu/linear/Panels.h"
#include "dialects/program/layouts/BlockPanels.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

Panel::Panel(KernelBuilder &b, Value buffer, program::PanelsAttr layout,
             KernelBuilder::Index number) {
  int64_t width = layout.getWidth();
  Value base = b.mul(number, layout.getPanelBytes());
  auto part = [&](int64_t offset, int64_t rows, Type element) {
    return b.view(buffer, b.add(base, offset),
                  MemRefType::get({rows, width}, element));
  };
  if (program::hasTiles(layout))
    return;
  auto scheme = layout.getScheme();
  if (!scheme) {
    numbers = part(0, layout.getColumns(), layout.getStorage());
    return;
  }
  int64_t columns = layout.getColumns();
  int64_t blocks = columns / scheme.getBlockSize();
  Type word = b.getI32Type(), half = b.getF16Type();
  codes =
      part(layout.getCodesOffset(), columns / getCodesPerWord(layout), word);
  if (int64_t bits = getHighBits(layout))
    highBits = part(getHighBitsOffset(layout), columns / (32 / bits), word);
  if (int64_t words = getScaleCodeWords(layout))
    scaleCodes = part(getScaleCodesOffset(layout), blocks * words, word);
  scales = part(layout.getScalesOffset(), blocks, half);
  if (scheme.hasMinimum())
    minima = part(layout.getMinimaOffset(), blocks, half);
}

int64_t cpu::getCodesPerWord(program::PanelsAttr layout) {
  return 32 / layout.getCodeBits();
}

int64_t cpu::getCodeShift(program::PanelsAttr layout, int64_t k) {
  if (layout.getCodeBits() == 8)
    return 8 * k;
  return k < 4 ? 8 * k : 8 * (k - 4) + 4;
}

Value cpu::toF32(KernelBuilder &b, Value value) {
  if (getElementTypeOrSelf(value).isF32())
    return value;
  Type type = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = b.vectorType(type, vector.getNumElements());
  return arith::ExtFOp::create(b, type, value);
}

LogicalResult cpu::checkPanels(KernelBuilder &b, program::PanelsAttr layout,
                               unsigned buffer) {
  auto error = [&] { return b.getKernel().emitOpError(); };
  Type storage = layout.getStorage();
  if (!layout.getScheme() && !program::hasTiles(layout) && !storage.isF32() &&
      !storage.isF16() && !storage.isBF16())
    return error() << "expected panels of f32, f16, bf16 or blocks but got "
                   << storage;
  if (auto tiles = program::TileLayout::find(layout);
      tiles && !(tiles->part.isBF16() && tiles->parts <= 2) &&
      !(tiles->part.isInteger(8) && tiles->parts == 1))
    return error()
           << "expected tiles of 1 or 2 parts of bf16 or one of i8 but got "
           << layout;
  if (auto scheme = layout.getScheme())
    if (layout.getColumns() % scheme.getBlockSize())
      return error() << "expected a multiple of " << scheme.getBlockSize()
                     << " columns for " << storage << " but got "
                     << layout.getColumns();
  auto type = MemRefType::get({layout.getBytes()}, b.getI8Type());
  if (b.bufferType(buffer) != type)
    return error() << "expected operand " << buffer << " of type " << type
                   << " for its layout but got " << b.bufferType(buffer);
  return success();
}
