//===- Tokenizer.cpp - Text to ids and ids to text ------------------------===//

#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/Decoder.h"
#include "runtime/tokenizer/Model.h"
#include "runtime/tokenizer/Normalizer.h"
#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>
#include <map>

using namespace weft;

struct Tokenizer::Impl {
  TokenizerView view;
  Vocabulary vocabulary{view};
  Normalizer normalizer;
  PreTokenizer preTokenizer;
  Decoder decoder;
  std::unique_ptr<TokenizerModel> model;
  AddedTokenMatcher beforeNormalizing, afterNormalizing;
  std::vector<const AddedToken *> addedById; // sorted
  // Texts of added tokens that normalizing changes: what decoding writes for
  // them.
  std::map<const AddedToken *, std::string> normalizedTexts;

  bool init(std::string &error);
  bool checkView(std::string &error) const;
  bool addTokens(std::string &error);
  const AddedToken *added(int64_t id) const;
  bool encodeText(std::string_view text, bool atStart, bool parseSpecial,
                  std::vector<int64_t> &ids, RegexScratch &scratch,
                  std::string &error) const;
  bool encodePieces(std::string_view text, bool atStart,
                    std::vector<int64_t> &ids, RegexScratch &scratch,
                    std::string &error) const;
  bool decodeBytes(const std::vector<int64_t> &ids, bool skipSpecial,
                   bool streaming, std::string &bytes,
                   std::string &error) const;
};

using Create = std::unique_ptr<TokenizerModel> (*)(const TokenizerView &,
                                                   std::string &);

/// The kinds, by name.
static Create findKind(std::string_view kind) {
  static const std::pair<std::string_view, Create> kinds[] = {
      {"bpe", createBpe}, {"wordpiece", createWordPiece}};
  for (const auto &entry : kinds)
    if (entry.first == kind)
      return entry.second;
  return nullptr;
}

static bool isPowerOfTwo(size_t n) { return n && (n & (n - 1)) == 0; }

bool Tokenizer::Impl::checkView(std::string &error) const {
  size_t count = view.tokenEnds.size;
  if (view.tokenTypes.size != count) {
    error = "expected a type for each of " + std::to_string(count) +
            " tokens but got " + std::to_string(view.tokenTypes.size);
    return false;
  }
  if (!isPowerOfTwo(view.tokenTable.size) ||
      !isPowerOfTwo(view.mergeTable.size)) {
    error = "expected tables whose size is a power of two but got " +
            std::to_string(view.tokenTable.size) + " and " +
            std::to_string(view.mergeTable.size) + " cells";
    return false;
  }
  auto checkIds = [&](const std::vector<uint32_t> &ids) {
    for (uint32_t id : ids)
      if (id >= count) {
        error = "expected ids below " + std::to_string(count) + " but got " +
                std::to_string(id);
        return false;
      }
    return true;
  };
  return checkIds(view.prefix) && checkIds(view.suffix);
}

bool Tokenizer::Impl::addTokens(std::string &error) {
  RegexScratch scratch;
  for (const AddedToken &token : view.added) {
    addedById.push_back(&token);
    std::string text = replaceInvalidUtf8(token.content);
    if (token.normalized && !normalizer.apply(text, scratch, error))
      return false;
    (token.normalized ? afterNormalizing : beforeNormalizing).add(text, token);
    if (text != token.content)
      normalizedTexts[&token] = text;
  }
  beforeNormalizing.finish();
  afterNormalizing.finish();
  std::sort(addedById.begin(), addedById.end(),
            [](auto *a, auto *b) { return a->id < b->id; });
  return true;
}

bool Tokenizer::Impl::init(std::string &error) {
  Create create = findKind(view.kind);
  if (!create) {
    error = "unsupported kind of tokenizer '" + view.kind + "'";
    return false;
  }
  if (!checkView(error) || !normalizer.init(view.normalizer, error) ||
      !preTokenizer.init(view.preTokenizer, error) ||
      !decoder.init(view.decoder, error) || !addTokens(error))
    return false;
  model = create(view, error);
  return model != nullptr;
}

const AddedToken *Tokenizer::Impl::added(int64_t id) const {
  auto entry =
      std::lower_bound(addedById.begin(), addedById.end(), id,
                       [](auto *token, int64_t id) { return token->id < id; });
  return entry != addedById.end() && (*entry)->id == id ? *entry : nullptr;
}

bool Tokenizer::Impl::encodePieces(std::string_view text, bool atStart,
                                   std::vector<int64_t> &ids,
                                   RegexScratch &scratch,
                                   std::string &error) const {
  Pieces pieces;
  pieces.text = text;
  pieces.ranges.push_back({0, text.size()});
  pieces.atStart = atStart;
  if (!preTokenizer.apply(pieces, scratch, error))
    return false;
  for (TextRange range : pieces.ranges)
    model->encode(pieces.piece(range), ids);
  return true;
}

/// Text without tokens of `beforeNormalizing`.
bool Tokenizer::Impl::encodeText(std::string_view text, bool atStart,
                                 bool parseSpecial, std::vector<int64_t> &ids,
                                 RegexScratch &scratch,
                                 std::string &error) const {
  std::string normalized(text);
  if (!normalizer.apply(normalized, scratch, error))
    return false;
  for (const AddedPart &part : afterNormalizing.cut(normalized, parseSpecial)) {
    TextRange range = part.range;
    if (part.token)
      ids.push_back(part.token->id);
    else if (!encodePieces(std::string_view(normalized)
                               .substr(range.begin, range.end - range.begin),
                           atStart && range.begin == 0, ids, scratch, error))
      return false;
  }
  return true;
}

bool Tokenizer::Impl::decodeBytes(const std::vector<int64_t> &ids,
                                  bool skipSpecial, bool streaming,
                                  std::string &bytes,
                                  std::string &error) const {
  std::vector<std::string> texts;
  for (int64_t id : ids) {
    const AddedToken *token = added(id);
    if (token && token->special && skipSpecial)
      continue;
    bool known =
        id >= 0 && static_cast<size_t>(id) < vocabulary.size() &&
        vocabulary.type(static_cast<uint32_t>(id)) != TokenType::Unused;
    auto normalized = normalizedTexts.find(token);
    if (normalized != normalizedTexts.end())
      texts.push_back(normalized->second);
    else if (token)
      texts.push_back(token->content);
    else if (known)
      texts.emplace_back(vocabulary.text(static_cast<uint32_t>(id)));
  }
  RegexScratch scratch;
  return decoder.apply(std::move(texts), streaming, bytes, scratch, error);
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

std::unique_ptr<Tokenizer> Tokenizer::create(TokenizerView view,
                                             std::string &error) {
  auto impl = std::make_unique<Impl>();
  impl->view = std::move(view);
  if (!impl->init(error))
    return nullptr;
  return std::unique_ptr<Tokenizer>(new Tokenizer(std::move(impl)));
}

bool Tokenizer::encode(std::string_view bytes, std::vector<int64_t> &ids,
                       std::string &error, EncodeOptions options) const {
  std::string text = replaceInvalidUtf8(bytes);
  RegexScratch scratch;
  if (options.addSpecial)
    ids.insert(ids.end(), impl->view.prefix.begin(), impl->view.prefix.end());
  for (const AddedPart &part :
       impl->beforeNormalizing.cut(text, options.parseSpecial)) {
    TextRange range = part.range;
    if (part.token)
      ids.push_back(part.token->id);
    else if (!impl->encodeText(std::string_view(text).substr(
                                   range.begin, range.end - range.begin),
                               range.begin == 0, options.parseSpecial, ids,
                               scratch, error))
      return false;
  }
  if (options.addSpecial)
    ids.insert(ids.end(), impl->view.suffix.begin(), impl->view.suffix.end());
  return true;
}

bool Tokenizer::decode(const std::vector<int64_t> &ids, std::string &text,
                       std::string &error, bool skipSpecial) const {
  std::string bytes;
  if (!impl->decodeBytes(ids, skipSpecial, /*streaming=*/false, bytes, error))
    return false;
  text = replaceInvalidUtf8(bytes);
  return true;
}

size_t Tokenizer::vocabularySize() const { return impl->vocabulary.size(); }

std::string_view Tokenizer::tokenText(int64_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= impl->vocabulary.size())
    return {};
  return impl->vocabulary.text(static_cast<uint32_t>(id));
}

int64_t Tokenizer::findToken(std::string_view text) const {
  for (const AddedToken &token : impl->view.added)
    if (token.content == text)
      return token.id;
  uint32_t id = impl->vocabulary.find(text);
  return id == kNoToken ? -1 : static_cast<int64_t>(id);
}

bool Tokenizer::isSpecial(int64_t id) const {
  const AddedToken *token = impl->added(id);
  return token && token->special;
}

const std::string *Tokenizer::setting(std::string_view key) const {
  return findSetting(impl->view.settings, key);
}

bool DecodeStream::put(int64_t id, std::string &text, std::string &error) {
  text.clear();
  if (skipSpecial && tokenizer.isSpecial(id))
    return true;
  window.push_back(id);
  std::string bytes;
  if (!tokenizer.impl->decodeBytes(window, skipSpecial, /*streaming=*/true,
                                   bytes, error))
    return false;
  size_t whole = bytes.size() - incompleteUtf8Tail(bytes);
  if (whole > shown) {
    text = replaceInvalidUtf8(
        std::string_view(bytes).substr(shown, whole - shown));
    shown = whole;
  }
  if (whole < bytes.size() || window.size() < 2)
    return true;
  // The last id is context enough for the next, if it has a text of its own.
  std::string context;
  if (!tokenizer.impl->decodeBytes({id}, skipSpecial, /*streaming=*/true,
                                   context, error))
    return false;
  if (!context.empty() && incompleteUtf8Tail(context) == 0) {
    window = {id};
    shown = context.size();
  }
  return true;
}

bool DecodeStream::finish(std::string &text, std::string &error) {
  std::string bytes;
  text.clear();
  if (!tokenizer.impl->decodeBytes(window, skipSpecial, /*streaming=*/true,
                                   bytes, error))
    return false;
  if (bytes.size() > shown)
    text = replaceInvalidUtf8(std::string_view(bytes).substr(shown));
  window.clear();
  shown = 0;
  return true;
}
