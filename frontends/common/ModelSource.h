//===- ModelSource.h - What a front end hands to the compiler -------------===//

#ifndef WEFT_FRONTENDS_COMMON_MODELSOURCE_H
#define WEFT_FRONTENDS_COMMON_MODELSOURCE_H

#include "frontends/formats/common/MappedFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "runtime/tokenizer/Spec.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A model as read from its files. The module lives in the context that it was
/// loaded into; the mapped files are shared.
struct ModelSource {
  /// `weft.parameter` ops and functions at MODEL level (docs/model-level.md),
  /// verified.
  mlir::OwningOpRef<mlir::ModuleOp> module;

  /// The files that the module's parameters name, by `MappedFile::path()`. Each
  /// parameter lies inside its file.
  std::vector<std::shared_ptr<const formats::MappedFile>> files;

  /// The model's tokenizer, if it has one.
  std::optional<TokenizerSpec> tokenizer;

  /// What is known about the model beside its functions; all values are text.
  ///   family                  name of the description: "llama", "bert", …
  ///   architecture            name in the source: "LlamaForCausalLM", "llama"
  ///   task                    "generate" (decoder) or "embed" (encoder)
  ///   context_length          longest sequence that the model was made for
  ///   vocab_size, hidden_size
  ///   bos_token_id, pad_token_id, eos_token_ids      ids, several with commas
  ///   chat_template           Jinja text
  ///   pooling                 "mean" or "cls"; normalize  "true" or "false"
  std::map<std::string, std::string> metadata;

  /// The file that the module's parameter names, or null.
  const formats::MappedFile *findFile(llvm::StringRef path) const {
    for (const auto &file : files)
      if (path == file->path())
        return file.get();
    return nullptr;
  }
};

} // namespace weft

#endif // WEFT_FRONTENDS_COMMON_MODELSOURCE_H
