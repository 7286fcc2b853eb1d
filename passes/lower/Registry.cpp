//===- Registry.cpp - Which lowerings there are ---------------------------===//

#include "passes/lower/Registry.h"

using namespace mlir;
using namespace weft;

Registry::Registry(ArrayRef<std::string> without) {
  addLinearLowerings(*this);
  addNormLowerings(*this);
  addSoftmaxLowerings(*this);
  addEmbedLowerings(*this);
  addRopeLowerings(*this);
  addAttentionLowerings(*this);
  addAppendLowerings(*this);
  addScanLowerings(*this);
  addShortConvLowerings(*this);
  addLongConvLowerings(*this);
  addTopKLowerings(*this);
  addGenericLowerings(*this);
  addViewLowerings(*this);
  addControlLowerings(*this);
  for (const std::string &name : without)
    lowerings.erase(name);
}

ArrayRef<std::unique_ptr<Lowering>>
Registry::getLowerings(Operation *op) const {
  auto it = lowerings.find(op->getName().getStringRef());
  if (it == lowerings.end())
    return {};
  return it->second;
}

const Lowering *Registry::find(Operation *op, ModuleLowering &module,
                               SmallVectorImpl<std::string> *declined) const {
  for (const std::unique_ptr<Lowering> &lowering : getLowerings(op)) {
    Declined why = lowering->decline(op, module);
    if (!why)
      return lowering.get();
    if (declined)
      declined->push_back((lowering->getName() + ": " + *why).str());
  }
  return nullptr;
}
