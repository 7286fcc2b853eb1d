//===- WordPiece.cpp - Longest tokens first -------------------------------===//

#include "runtime/tokenizer/Model.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>
#include <charconv>

using namespace weft;

namespace {
class WordPiece final : public TokenizerModel {
public:
  explicit WordPiece(const TokenizerView &view) : vocabulary(view) {}
  bool init(const TokenizerView &view, std::string &error);
  void encode(std::string_view piece, std::vector<int64_t> &ids) const override;

private:
  /// The longest token at `begin`; `end` moves behind it.
  uint32_t longest(std::string_view piece, size_t begin, size_t &end) const;

  Vocabulary vocabulary;
  std::string prefix = "##";
  uint32_t unknown = kNoToken;
  size_t maxChars = 100;
  size_t longestText =
      0; // bytes of the longest token: nothing longer is sought
};
} // namespace

bool WordPiece::init(const TokenizerView &view, std::string &error) {
  if (const std::string *value =
          findSetting(view.settings, "continuing_subword_prefix"))
    prefix = *value;
  if (const std::string *value =
          findSetting(view.settings, "max_input_chars_per_word"))
    std::from_chars(value->data(), value->data() + value->size(), maxChars);
  const std::string *text = findSetting(view.settings, "unk_token");
  unknown = vocabulary.find(text ? *text : "[UNK]");
  if (unknown == kNoToken) {
    error = "the unknown token '" + (text ? *text : "[UNK]") +
            "' is not in the vocabulary";
    return false;
  }
  for (uint32_t id = 0; id < vocabulary.size(); ++id)
    longestText = std::max(longestText, vocabulary.text(id).size());
  return true;
}

uint32_t WordPiece::longest(std::string_view piece, size_t begin,
                            size_t &end) const {
  std::string wanted = begin ? prefix : std::string();
  size_t decoration = wanted.size();
  wanted += piece.substr(begin, longestText);
  // Cut in the middle of a character by the limit: back to its begin.
  size_t whole = wanted.size();
  while (begin + (whole - decoration) < piece.size() && whole > decoration &&
         (static_cast<unsigned char>(piece[begin + whole - decoration]) &
          0xC0) == 0x80)
    --whole;
  while (whole > decoration) {
    uint32_t id = vocabulary.find(std::string_view(wanted).substr(0, whole));
    if (id != kNoToken) {
      end = begin + (whole - decoration);
      return id;
    }
    previousChar(wanted, whole);
  }
  return kNoToken;
}

void WordPiece::encode(std::string_view piece,
                       std::vector<int64_t> &ids) const {
  auto chars = static_cast<size_t>(std::count_if(
      piece.begin(), piece.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  size_t before = ids.size();
  bool covered = chars <= maxChars;
  for (size_t at = 0; covered && at < piece.size();) {
    uint32_t id = longest(piece, at, at);
    covered = id != kNoToken;
    if (covered)
      ids.push_back(id);
  }
  if (!covered) {
    ids.resize(before);
    ids.push_back(unknown);
  }
}

std::unique_ptr<TokenizerModel> weft::createWordPiece(const TokenizerView &view,
                                                      std::string &error) {
  auto model = std::make_unique<WordPiece>(view);
  if (!model->init(view, error))
    return nullptr;
  return model;
}
