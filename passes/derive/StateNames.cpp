//===- StateNames.cpp - Readable names of states --------------------------===//

#include "passes/derive/StateNames.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace weft;

/// What the model calls `op`; empty if nothing.
static std::string getGivenName(Operation *op) {
  if (auto attr = op->getAttrOfType<StringAttr>("weft.name"))
    return attr.str();
  if (auto loc = op->getLoc()->findInstanceOf<NameLoc>())
    return loc.getName().str();
  return "";
}

SmallVector<std::string> StateNames::name(Operation *op,
                                          ArrayRef<StreamState> states) {
  StringRef mnemonic = op->getName().stripDialect();
  unsigned number = counts[mnemonic]++;
  std::string given = getGivenName(op);
  if (given.empty())
    given = (mnemonic + "." + Twine(number)).str();

  std::string prefix = given;
  SmallVector<std::string> names;
  for (unsigned i = 1; names.empty(); ++i) {
    for (const StreamState &state : states)
      names.push_back((prefix + "." + state.name).str());
    if (llvm::any_of(names, [&](StringRef n) { return taken.contains(n); }))
      names.clear();
    prefix = given + "." + std::to_string(i);
  }
  taken.insert(names.begin(), names.end());
  return names;
}
