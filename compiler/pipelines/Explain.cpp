//===- Explain.cpp - Which lowering each op took --------------------------===//

#include "compiler/pipelines/Explain.h"
#include "dialects/program/ops/ProgramOps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace weft;

/// "  weft.linear  layers.0.q  linear; not fast: why".
static std::string lineOf(DictionaryAttr row) {
  auto text = [&](StringRef key) {
    auto attr = row.getAs<StringAttr>(key);
    return attr ? attr.getValue() : StringRef();
  };
  std::string line = llvm::formatv("  {0,-16} {1,-36} {2}", text("op"),
                                   text("at"), text("lowering"));
  if (auto declined = row.getAs<ArrayAttr>("declined"))
    for (StringRef why : declined.getAsValueRange<StringAttr>())
      line += "; not " + why.str();
  if (auto note = text("note"); !note.empty())
    line += "; " + note.str();
  return line;
}

void weft::takeExplanations(
    ModuleOp module, const std::function<void(const std::string &)> &print) {
  for (auto function : module.getOps<program::FunctionOp>()) {
    auto table = dyn_cast_or_null<ArrayAttr>(function->removeAttr("explain"));
    if (!table)
      continue;
    print("function " + function.getSymName().str());
    for (DictionaryAttr row : table.getAsRange<DictionaryAttr>())
      print(lineOf(row));
  }
}
