//===- Family.cpp - The registry of model families ------------------------===//

#include "frontends/models/Family.h"

using namespace weft;

llvm::ArrayRef<const ModelFamily *> weft::getModelFamilies() {
  static const ModelFamily *const families[] = {&kBertFamily, &kGpt2Family,
                                                &kLlamaFamily, &kMambaFamily};
  return families;
}

const ModelFamily *weft::findHfFamily(llvm::StringRef modelType) {
  for (const ModelFamily *family : getModelFamilies())
    if (llvm::is_contained(family->hfTypes, modelType))
      return family;
  return nullptr;
}

const ModelFamily *weft::findGgufFamily(llvm::StringRef architecture) {
  for (const ModelFamily *family : getModelFamilies())
    if (llvm::is_contained(family->ggufTypes, architecture))
      return family;
  return nullptr;
}
