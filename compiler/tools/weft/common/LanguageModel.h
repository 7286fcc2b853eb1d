//===- LanguageModel.h - A decoder that takes and gives tokens --*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_LANGUAGEMODEL_H
#define WEFT_TOOLS_WEFT_COMMON_LANGUAGEMODEL_H

#include "compiler/tools/weft/common/Text.h"
#include "runtime/generate/Generate.h"

namespace weft::cli {

/// An artifact's `prefill` and `step` with a session.
class LanguageModel : public TokenModel {
public:
  /// Fails if the artifact has no such functions.
  LanguageModel(const Program &program, const CommonOptions &common);

  /// Long prompts go in as pieces of the most tokens that `prefill` takes.
  bool put(const std::vector<int64_t> &ids, std::string &error) override;
  const float *logits() const override { return last[0].as<float>(); }
  size_t vocabularySize() const override { return size_t(last[0].elements()); }

  /// Goes on after the first of `ids` that were put in already, or from the
  /// begin, and returns those that are left to put in: at least the last.
  std::vector<int64_t> resume(const std::vector<int64_t> &ids);

private:
  void run(const Function &function, const int64_t *ids, size_t count);

  Session session;
  Function prefill, step;
  size_t most = 1;         // tokens of a prefill
  std::vector<Array> last; // logits
  std::vector<int64_t> seen;
};

/// The tokens that end a text, as the artifact says.
std::vector<int64_t> endIds(const Program &program);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_LANGUAGEMODEL_H
