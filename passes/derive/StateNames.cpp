//===- StateNames.cpp - Readable names of states --------------------------===//

#include "passes/derive/StateNames.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

using namespace mlir;
using namespace weft;

std::string StateNames::getPrefix(Operation *op) {
  std::string name;
  StringRef mnemonic = op->getName().stripDialect();
  unsigned number = counts[mnemonic]++;
  if (auto attr = op->getAttrOfType<StringAttr>("weft.name"))
    name = attr.str();
  else if (auto loc = op->getLoc()->findInstanceOf<NameLoc>())
    name = loc.getName().str();
  if (name.empty())
    name = (mnemonic + "." + Twine(number)).str();

  std::string unique = name;
  for (unsigned i = 1; !taken.insert(unique).second; ++i)
    unique = name + "." + std::to_string(i);
  return unique;
}
