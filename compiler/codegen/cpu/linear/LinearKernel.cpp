//===- LinearKernel.cpp - Reads and checks a kernel of family linear ------===//

#include "compiler/codegen/cpu/linear/LinearKernel.h"
#include "compiler/codegen/cpu/linear/GroupScales.h"
#include "dialects/program/layouts/ByteTiles.h"
#include "dialects/program/layouts/RowTiles.h"
#include "dialects/program/layouts/Tiles.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

/// Longest part of K, where blocks allow. 192 rows of 48 f32 are 36 KiB, 576
/// of bytes, with scales and minima of 18 groups, 37.
static constexpr int64_t kPart = 192, kPartOfBytes = 576;

int64_t LinearKernel::getStaticRows(KernelBuilder &b) const {
  // Tiles tell blocks of rows alone.
  for (unsigned i : {0u, b.getNumBuffers() - 1})
    if (MemRefType type = b.bufferType(i); !program::RowTiles::isTiled(type) &&
                                           !program::ByteTiles::isTiled(type) &&
                                           !type.isDynamicDim(0))
      return type.getDimSize(0);
  return -1;
}

bool LinearKernel::hasTiledInput(KernelBuilder &b) const {
  return program::RowTiles::isTiled(b.bufferType(0));
}

bool LinearKernel::hasByteInput(KernelBuilder &b) const {
  return program::ByteTiles::isTiled(b.bufferType(0));
}

bool LinearKernel::hasCodes() const {
  return llvm::all_of(layouts, program::hasScaledTiles);
}

bool LinearKernel::hasGroups() const {
  return precision == "int8" &&
         llvm::all_of(layouts, [](program::PanelsAttr layout) {
           return bool(layout.getScheme());
         });
}

Type LinearKernel::getSumType(KernelBuilder &b) const {
  return precision == "f64" ? b.getF64Type() : b.getF32Type();
}

bool LinearKernel::isPlain() const {
  return llvm::all_of(layouts, [](program::PanelsAttr layout) {
    return layout.getStorage().isF32();
  });
}

int64_t LinearKernel::getPartOfK() const {
  int64_t unit = 4; // of the loops over numbers
  for (program::PanelsAttr layout : layouts)
    if (auto tiles = program::TileLayout::find(layout))
      unit = std::max(unit, tiles->inputs);
    else if (SchemeAttrInterface scheme = layout.getScheme())
      unit = std::max(unit, scheme.getBlockSize());
  int64_t parts = llvm::divideCeil(k, hasGroups() ? kPartOfBytes : kPart);
  return std::min<int64_t>(k, llvm::alignTo(llvm::divideCeil(k, parts), unit));
}

LogicalResult LinearKernel::readConfig(KernelBuilder &b) {
  FailureOr<int64_t> k = b.requireInt("k"), n = b.requireInt("n");
  FailureOr<int64_t> rows = b.requireInt("rows_per_task");
  FailureOr<int64_t> columns = b.requireInt("panels_per_task");
  if (failed(k) || failed(n) || failed(rows) || failed(columns))
    return failure();
  this->k = *k;
  this->n = *n;
  rowsPerTask = *rows;
  panelsPerTask = *columns;
  rowsAtOnce = b.getInt("rows_at_once", rowsPerTask);
  auto error = [&] { return b.getKernel().emitOpError(); };
  if (rowsPerTask < 1 || panelsPerTask < 1)
    return error() << "expected rows_per_task and panels_per_task above zero "
                      "but got "
                   << rowsPerTask << " and " << panelsPerTask;
  if (rowsAtOnce < rowsPerTask)
    return error() << "expected rows_at_once of at least rows_per_task, "
                   << rowsPerTask << ", but got " << rowsAtOnce;
  if (auto name = b.get<StringAttr>("precision"))
    precision = name.getValue();
  if (!llvm::is_contained({"f64", "f32", "split", "bf16", "int8"}, precision))
    return error()
           << "expected precision 'f64', 'f32', 'split', 'bf16' or 'int8' but "
              "got '"
           << precision << "'";
  auto list = b.get<ArrayAttr>("layouts");
  if (!list || list.empty())
    return error() << "expected 'layouts', an array of #program.panels";
  for (Attribute attr : list) {
    auto layout = dyn_cast<program::PanelsAttr>(attr);
    if (!layout)
      return error() << "expected a layout of panels but got " << attr;
    layouts.push_back(layout);
  }
  width = layouts[0].getWidth();
  panels = layouts[0].getPanelCount();
  if (!b.getKernel().getElement().empty())
    element = &b.getKernel().getElement();
  return success();
}

LogicalResult LinearKernel::checkOperands(KernelBuilder &b) {
  auto error = [&] { return b.getKernel().emitOpError(); };
  if (b.getNumBuffers() < getNumProducts() + 2)
    return error() << "expected an input, " << getNumProducts()
                   << " weights and an output but got " << b.getNumBuffers()
                   << " operands";
  if (width % 16)
    return error() << "expected panels of a multiple of 16 outputs but got "
                   << width;
  for (auto [i, layout] : llvm::enumerate(layouts)) {
    if (layout.getRows() != n || layout.getColumns() != k ||
        layout.getWidth() != width)
      return error() << "expected weights of " << n << " by " << k
                     << " in panels of " << width << " but got " << layout;
    if (failed(checkPanels(b, layout, 1 + i)))
      return failure();
  }
  if (llvm::any_of(layouts, program::hasScaledTiles) && !hasCodes())
    return error() << "expected all weights in tiles of i8, or none";
  if (precision == "int8" && !hasCodes() && !hasGroups())
    return error() << "expected weights in tiles of i8 or in blocks for "
                      "precision 'int8' but got "
                   << layouts[0];
  auto isMatrix = [&](MemRefType type, int64_t columns) {
    return type.getRank() == 2 && type.getElementType().isF32() &&
           type.getDimSize(1) == columns;
  };
  if (hasTiledInput(b) || hasByteInput(b)) {
    if (hasTiledInput(b) && (!program::RowTiles::matches(b.bufferType(0), k) ||
                             (precision != "bf16" && !hasCodes())))
      return error() << "expected tiles of " << k
                     << " columns and precision 'bf16' but got "
                     << b.bufferType(0) << " and '" << precision << "'";
    if (hasByteInput(b) &&
        !(program::ByteTiles::matches(b.bufferType(0), k) && hasCodes()))
      return error() << "expected tiles of " << k
                     << " columns and weights in tiles of i8 but got "
                     << b.bufferType(0) << " and " << layouts[0];
    if (rowsPerTask % program::RowTiles::kRows)
      return error() << "expected rows_per_task a multiple of 16 but got "
                     << rowsPerTask;
  } else if (!isMatrix(b.bufferType(0), k))
    return error() << "expected an input of " << k << " columns but got "
                   << b.bufferType(0);
  for (unsigned i = getFirstExtra(); i < b.getNumBuffers(); ++i) {
    MemRefType type = b.bufferType(i);
    bool isVector = type.getRank() == 1 && type.getElementType().isF32() &&
                    type.getDimSize(0) == n && i + 1 < b.getNumBuffers();
    bool isTiledOut =
        i + 1 == b.getNumBuffers() && program::RowTiles::matches(type, n);
    if (!isVector && !isTiledOut && !isMatrix(type, n))
      return error() << "expected operand " << i << " of " << n
                     << " columns of f32 but got " << type;
  }
  size_t arguments = getNumProducts() + b.getNumBuffers() - getFirstExtra() - 1;
  if (element ? element->getNumArguments() != arguments
              : getNumProducts() != 1 || arguments != 1)
    return error() << "expected an element region on " << arguments
                   << " numbers, the products and extras";
  return success();
}

FailureOr<LinearKernel> LinearKernel::create(KernelBuilder &b) {
  LinearKernel kernel;
  if (failed(kernel.readConfig(b)) || failed(kernel.checkOperands(b)))
    return failure();
  kernel.scaleScratch = GroupScales::createScratch(b, kernel.layouts);
  return kernel;
}
