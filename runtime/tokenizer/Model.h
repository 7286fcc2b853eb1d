//===- Model.h - From a piece of text to ids --------------------*- C++ -*-===//
//
// Internal to the tokenizer: one class a kind. A model keeps nothing between
// calls.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_MODEL_H
#define WEFT_TOKENIZER_MODEL_H

#include "runtime/tokenizer/Tables.h"
#include <memory>

namespace weft {

class TokenizerModel {
public:
  virtual ~TokenizerModel() = default;
  /// Appends the ids of a piece, valid UTF-8 and not empty.
  virtual void encode(std::string_view piece,
                      std::vector<int64_t> &ids) const = 0;
};

/// Byte pair encoding. A piece starts as its characters; the neighbours whose
/// merge has the least rank become one, until no merge is left. O(n log n) for
/// n characters, by a heap of candidates over a linked list.
std::unique_ptr<TokenizerModel> createBpe(const TokenizerView &view,
                                          std::string &error);

/// The longest token that the rest of the piece begins with, again and again
/// (https://arxiv.org/abs/2012.15524); a piece that cannot be covered is
/// unknown.
std::unique_ptr<TokenizerModel> createWordPiece(const TokenizerView &view,
                                                std::string &error);

/// The value of a setting, or null.
const std::string *findSetting(const TokenizerSettings &settings,
                               std::string_view key);
bool settingFlag(const TokenizerSettings &settings, std::string_view key);

} // namespace weft

#endif // WEFT_TOKENIZER_MODEL_H
