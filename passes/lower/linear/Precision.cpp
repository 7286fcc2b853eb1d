//===- Precision.cpp - How exact products of matrices are -----------------===//

#include "passes/lower/linear/Precision.h"
#include "dialects/program/layouts/Tiles.h"
#include "dialects/weft/types/WeftTypes.h"
#include "passes/lower/Granularity.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace weft;

// Errors: a number rounded to bf16 is off by r = 0.425 u of itself, u = 2^-8,
// for numbers whose logarithms are spread evenly: so bf16 has sqrt(2) r, split
// sqrt(3) r^2, one for each factor's second part and one for the product left
// out. f64: a result rounded to f32. f32: what the sum of 1000 products in
// sequence loses. int8: the largest of 1000 normal numbers is 3.4 deviations,
// so a code is off by s = 3.4 / 127 / sqrt(12), which makes sqrt(2) s; rows
// with outliers lose more. int8-groups: the largest of 32 is 2.1 deviations; of
// weights in blocks nothing is lost, others are as with int8.
static constexpr PrecisionFacts kPrecisions[] = {
    {Precision::F64, "f64", "f64", 0, 32, 2.4e-8, 3, 3},
    {Precision::F32, "f32", "f32", 0, 32, 8e-7, 1, 1},
    {Precision::Split, "split", "split", 2, 16, 4.8e-6, 0.35, 1},
    {Precision::Bf16, "bf16", "bf16", 1, 16, 2.4e-3, 0.15, 1},
    {Precision::Int8Groups, "int8-groups", "int8", 1, 8, 4.8e-3, 0.35, 0.35},
    {Precision::Int8, "int8", "int8", 1, 8, 1.1e-2, 0.09, 0.3}};

ArrayRef<PrecisionFacts> weft::getPrecisions() { return kPrecisions; }

const PrecisionFacts &weft::getFacts(Precision precision) {
  return *llvm::find_if(kPrecisions, [&](const PrecisionFacts &facts) {
    return facts.precision == precision;
  });
}

std::optional<Precision> weft::parsePrecision(StringRef name) {
  for (const PrecisionFacts &facts : kPrecisions)
    if (facts.name == name)
      return facts.precision;
  return std::nullopt;
}

FailureOr<Precision> weft::getPrecision(Operation *op) {
  Attribute name;
  for (Operation *at = op; at && !name; at = at->getParentOp())
    name = at->getAttr("weft.precision");
  if (!name)
    return Precision::F32;
  auto text = dyn_cast<StringAttr>(name);
  if (auto precision = text ? parsePrecision(text) : std::nullopt)
    return *precision;
  return op->emitError() << "expected 'weft.precision' f64, f32, split, bf16, "
                            "int8-groups or int8 but got "
                         << name;
}

program::PanelsAttr weft::getWeightLayout(RankedTensorType type,
                                          Precision precision) {
  Type storage = type.getElementType();
  int64_t parts = getFacts(precision).parts;
  bool isBlocks = isa<BlocksType>(storage);
  if (precision == Precision::Int8 ||
      (precision == Precision::Int8Groups && !isBlocks))
    storage = program::TileLayout::getStorage(
        IntegerType::get(type.getContext(), 8), parts);
  else if (parts && !isBlocks)
    storage = program::TileLayout::getStorage(
        BFloat16Type::get(type.getContext()), storage.isBF16() ? 1 : parts);
  return program::PanelsAttr::get(type.getContext(), type.getDimSize(0),
                                  type.getDimSize(1), storage,
                                  granularity::kPanelWidth);
}
