//===- PackParameters.cpp - Model parameters as packed bytes --------------===//

#include "compiler/pipelines/PackParameters.h"
#include "compiler/codegen/common/packing/PackPanels.h"
#include "compiler/codegen/common/packing/PackRows.h"
#include "compiler/codegen/common/packing/PackTiles.h"
#include "mlir/IR/SymbolTable.h"
#include "passes/layout/Evaluate.h"

using namespace mlir;
using namespace weft;
using packing::Numbers;

/// The numbers of a constant that the compiler made.
static Numbers numbersOf(ElementsAttr data) {
  std::vector<double> values;
  auto type = cast<ShapedType>(data.getType());
  if (isa<FloatType>(type.getElementType()))
    for (APFloat value : data.getValues<APFloat>())
      values.push_back(value.convertToDouble());
  else
    for (APInt value : data.getValues<APInt>())
      values.push_back(type.getElementType().isInteger(1)
                           ? double(value.getZExtValue())
                           : double(value.getSExtValue()));
  return Numbers::computed(type.getShape(), std::move(values));
}

/// What the model's files hold for the sources of `op`.
static FailureOr<std::vector<Numbers>> readSources(program::ParameterOp op,
                                                   const ModelSource &source) {
  auto findFile = [&](StringRef path) -> std::optional<formats::Bytes> {
    const formats::MappedFile *file = source.findFile(path);
    return file ? std::optional(file->bytes()) : std::nullopt;
  };
  std::vector<Numbers> result;
  for (auto symbol : op.getSources()->getAsRange<FlatSymbolRefAttr>()) {
    auto parameter =
        SymbolTable::lookupNearestSymbolFrom<weft::ParameterOp>(op, symbol);
    if (!parameter)
      return op.emitOpError() << "expected a parameter named " << symbol;
    auto numbers = Numbers::stored(parameter, findFile);
    if (failed(numbers))
      return failure();
    result.push_back(std::move(*numbers));
  }
  return result;
}

/// The result of the region of `op` on its sources.
static FailureOr<Numbers> compute(program::ParameterOp op,
                                  ArrayRef<Numbers> sources) {
  std::vector<DenseValue> arguments;
  for (const Numbers &source : sources) {
    DenseValue &value = arguments.emplace_back();
    value.shape = SmallVector<int64_t>(source.getShape());
    value.elements.resize(source.size());
    source.read(0, source.size(), value.elements.data());
  }
  FailureOr<DenseValue> result = evaluateCompute(op.getCompute(), arguments);
  if (failed(result))
    return failure();
  return Numbers::computed(result->shape, std::move(result->elements));
}

static FailureOr<std::vector<Numbers>> numbersOf(program::ParameterOp op,
                                                 const ModelSource &source) {
  if (op.getData())
    return std::vector<Numbers>{numbersOf(*op.getData())};
  auto sources = readSources(op, source);
  if (failed(sources) || op.getCompute().empty())
    return sources;
  auto result = compute(op, *sources);
  if (failed(result))
    return failure();
  return std::vector<Numbers>{std::move(*result)};
}

artifact::PackParameter weft::makePacker(const ModelSource &source) {
  return [&source](program::ParameterOp op,
                   llvm::raw_ostream &out) -> LogicalResult {
    auto numbers = numbersOf(op, source);
    if (failed(numbers))
      return failure();
    if (auto rows = dyn_cast<program::RowsAttr>(op.getLayout()))
      return packing::packRows(op, rows, *numbers, out);
    auto panels = dyn_cast<program::PanelsAttr>(op.getLayout());
    if (panels && program::hasTiles(panels))
      return packing::packTiles(op, panels, *numbers, out);
    if (panels)
      return packing::packPanels(op, panels, *numbers, out);
    return op.emitOpError() << "has no packer for layout " << op.getLayout();
  };
}
