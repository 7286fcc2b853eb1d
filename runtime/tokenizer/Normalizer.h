//===- Normalizer.h - Rewriting text before it is split ---------*- C++ -*-===//
//
// Internal to the tokenizer. The steps are listed in Spec.h.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_NORMALIZER_H
#define WEFT_TOKENIZER_NORMALIZER_H

#include "runtime/tokenizer/Step.h"
#include <functional>

namespace weft {

class Normalizer {
public:
  bool init(const std::vector<TokenizerStep> &steps, std::string &error);
  bool empty() const { return steps.empty(); }
  bool apply(std::string &text, RegexScratch &scratch,
             std::string &error) const;

private:
  using Step =
      std::function<bool(std::string &, RegexScratch &, std::string &)>;
  std::vector<Step> steps;
};

} // namespace weft

#endif // WEFT_TOKENIZER_NORMALIZER_H
