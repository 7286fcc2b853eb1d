//===- Family.cpp - The registry of model families ------------------------===//

#include "frontends/models/Family.h"

using namespace weft;

llvm::ArrayRef<const ModelFamily *> weft::getModelFamilies() {
  static const ModelFamily *const families[] = {
      &kBertFamily, &kGpt2Family, &kLlamaFamily, &kMambaFamily, &kVitFamily};
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

int64_t weft::readGgufVocabulary(const ModelInput &input,
                                 llvm::StringRef table) {
  const formats::TensorInfo *info =
      input.builder.getParameters().find(table.str());
  const int64_t rows = info && info->shape.size() == 2 ? info->shape[0] : 1;
  return input.config.getPositive("vocab_size", std::max<int64_t>(rows, 1));
}
