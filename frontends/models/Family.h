//===- Family.h - Model families, and the registry of them ----------------===//
//
// A family is one description in `<Family>.cpp` and the readings of its
// configuration, from Hugging Face keys and from GGUF metadata, onto it. Names
// of parameters in a description are those of the Hugging Face model without
// its outermost prefix; a table maps GGUF names to them.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_MODELS_FAMILY_H
#define WEFT_FRONTENDS_MODELS_FAMILY_H

#include "frontends/common/ModelBuilder.h"
#include "frontends/common/ModelSource.h"
#include "frontends/formats/config/Config.h"

namespace weft {

/// What a description gets to see of a model: its configuration, and where its
/// parts go. Errors are kept by `config` and the builder's parameters.
struct ModelInput {
  formats::Config &config;
  ModelBuilder &builder;
  /// See ModelSource::metadata. Ids are set by the caller, the sizes by the
  /// family.
  std::map<std::string, std::string> &metadata;
};

/// A name in the description and in a GGUF file. `{}` in both is a layer's
/// number.
struct NamePair {
  const char *description, *gguf;
};

struct ModelFamily {
  /// As in the metadata: "llama".
  const char *name;

  /// `model_type` in Hugging Face configurations.
  llvm::ArrayRef<llvm::StringRef> hfTypes;
  /// What may stand before the names of the description in Hugging Face files:
  /// "model.", or nothing. The first is taken of which a tensor begins so.
  llvm::ArrayRef<llvm::StringRef> hfPrefixes;
  /// Reads the configuration and builds the functions.
  void (*buildFromHf)(const ModelInput &input);

  /// `general.architecture` in GGUF files; none: GGUF is not read.
  llvm::ArrayRef<llvm::StringRef> ggufTypes;
  llvm::ArrayRef<NamePair> ggufNames;
  /// The same from GGUF metadata; keys stand without the architecture's prefix.
  void (*buildFromGguf)(const ModelInput &input);
};

/// All families, in the order of their files.
llvm::ArrayRef<const ModelFamily *> getModelFamilies();

/// The family of this model type, or null.
const ModelFamily *findHfFamily(llvm::StringRef modelType);
const ModelFamily *findGgufFamily(llvm::StringRef architecture);

/// The number of tokens by GGUF metadata; files without it tell by the rows of
/// the table of embeddings.
int64_t readGgufVocabulary(const ModelInput &input, llvm::StringRef table);

extern const ModelFamily kBertFamily, kGpt2Family, kLlamaFamily, kMambaFamily,
    kVitFamily;

} // namespace weft

#endif // WEFT_FRONTENDS_MODELS_FAMILY_H
