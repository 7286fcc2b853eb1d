//===- Bpe.cpp - Byte pair encoding ---------------------------------------===//

#include "runtime/tokenizer/Model.h"
#include "runtime/tokenizer/Unicode.h"
#include <algorithm>
#include <array>

using namespace weft;

namespace {
constexpr uint32_t kNone = UINT32_MAX;

/// A symbol of the piece: a node of a doubly linked list in an array.
struct Symbol {
  uint32_t id;
  uint32_t previous, next;
  bool alive;
};

/// A merge that was possible when it was put into the heap.
struct Candidate {
  uint32_t rank, position, result;
  /// The heap's top is the least rank, of equal ones the leftmost.
  bool operator<(const Candidate &other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

class Bpe final : public TokenizerModel {
public:
  explicit Bpe(const TokenizerView &view) : vocabulary(view) {}
  bool init(const TokenizerView &view, std::string &error);
  void encode(std::string_view piece, std::vector<int64_t> &ids) const override;

private:
  std::vector<Symbol> symbolsOf(std::string_view piece) const;
  uint32_t idOfChar(std::string_view c, bool first, bool last) const;
  bool appendBytes(std::string_view c, std::vector<Symbol> &symbols) const;
  void merge(std::vector<Symbol> &symbols) const;
  void consider(const std::vector<Symbol> &symbols, uint32_t position,
                std::vector<Candidate> &heap) const;

  Vocabulary vocabulary;
  std::string prefix, suffix; // of characters that continue, or end, a word
  uint32_t unknown = kNoToken;
  bool fuseUnknown = false, byteFallback = false, ignoreMerges = false;
  std::array<uint32_t, 512>
      lowChars;                    // ids of the first characters, undecorated
  std::array<uint32_t, 256> bytes; // ids of <0x00> to <0xFF>
};
} // namespace

const std::string *weft::findSetting(const TokenizerSettings &settings,
                                     std::string_view key) {
  for (const auto &entry : settings)
    if (entry.first == key)
      return &entry.second;
  return nullptr;
}

bool weft::settingFlag(const TokenizerSettings &settings,
                       std::string_view key) {
  const std::string *value = findSetting(settings, key);
  return value && *value == "true";
}

bool Bpe::init(const TokenizerView &view, std::string &error) {
  if (const std::string *value =
          findSetting(view.settings, "continuing_subword_prefix"))
    prefix = *value;
  if (const std::string *value =
          findSetting(view.settings, "end_of_word_suffix"))
    suffix = *value;
  fuseUnknown = settingFlag(view.settings, "fuse_unk");
  byteFallback = settingFlag(view.settings, "byte_fallback");
  ignoreMerges = settingFlag(view.settings, "ignore_merges");
  if (const std::string *text = findSetting(view.settings, "unk_token")) {
    unknown = vocabulary.find(*text);
    if (unknown == kNoToken) {
      error = "the unknown token '" + *text + "' is not in the vocabulary";
      return false;
    }
  }
  for (size_t c = 0; c < lowChars.size(); ++c) {
    std::string text;
    appendChar(text, static_cast<char32_t>(c));
    lowChars[c] = vocabulary.find(text);
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char *digits = "0123456789ABCDEF";
    char text[] = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
    bytes[byte] =
        byteFallback ? vocabulary.find({text, sizeof text}) : kNoToken;
  }
  return true;
}

uint32_t Bpe::idOfChar(std::string_view c, bool first, bool last) const {
  bool decorated = (!first && !prefix.empty()) || (last && !suffix.empty());
  if (decorated)
    return vocabulary.find((first ? "" : prefix) + std::string(c) +
                           (last ? suffix : ""));
  size_t at = 0;
  char32_t code = nextChar(c, at);
  return code < lowChars.size() ? lowChars[code] : vocabulary.find(c);
}

/// The byte tokens of a character, if there is one for each of its bytes.
bool Bpe::appendBytes(std::string_view c, std::vector<Symbol> &symbols) const {
  bool all =
      byteFallback && std::all_of(c.begin(), c.end(), [&](unsigned char byte) {
        return bytes[byte] != kNoToken;
      });
  for (unsigned char byte : c)
    if (all)
      symbols.push_back({bytes[byte], kNone, kNone, true});
  return all;
}

std::vector<Symbol> Bpe::symbolsOf(std::string_view piece) const {
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  bool pendingUnknown = false; // the reference writes an unknown one late
  auto flush = [&] {
    if (pendingUnknown)
      symbols.push_back({unknown, kNone, kNone, true});
    pendingUnknown = false;
  };
  for (size_t at = 0; at < piece.size();) {
    size_t begin = at;
    nextChar(piece, at);
    std::string_view c = piece.substr(begin, at - begin);
    bool first = begin == 0, last = at == piece.size();
    uint32_t id = idOfChar(c, first, last);
    if (id != kNoToken) {
      flush();
      symbols.push_back({id, kNone, kNone, true});
      continue;
    }
    std::string decorated =
        (first ? "" : prefix) + std::string(c) + (last ? suffix : "");
    if (appendBytes(decorated, symbols) || unknown == kNoToken)
      continue;
    if (!fuseUnknown)
      flush();
    pendingUnknown = true;
  }
  flush();
  return symbols;
}

void Bpe::consider(const std::vector<Symbol> &symbols, uint32_t position,
                   std::vector<Candidate> &heap) const {
  uint32_t next = symbols[position].next;
  if (next == kNone)
    return;
  const MergeRule *rule =
      vocabulary.findMerge(symbols[position].id, symbols[next].id);
  if (!rule)
    return;
  heap.push_back({rule->rank, position, rule->result});
  std::push_heap(heap.begin(), heap.end());
}

void Bpe::merge(std::vector<Symbol> &symbols) const {
  auto count = static_cast<uint32_t>(symbols.size());
  std::vector<Candidate> heap;
  for (uint32_t i = 0; i < count; ++i) {
    symbols[i].previous = i ? i - 1 : kNone;
    symbols[i].next = i + 1 < count ? i + 1 : kNone;
  }
  for (uint32_t i = 0; i + 1 < count; ++i)
    consider(symbols, i, heap);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    Candidate top = heap.back();
    heap.pop_back();
    Symbol &left = symbols[top.position];
    if (!left.alive || left.next == kNone)
      continue;
    Symbol &right = symbols[left.next];
    const MergeRule *rule = vocabulary.findMerge(left.id, right.id);
    if (!rule || rule->result != top.result)
      continue; // one of the two has become another token since
    left.id = top.result;
    right.alive = false;
    left.next = right.next;
    if (left.next != kNone)
      symbols[left.next].previous = top.position;
    if (left.previous != kNone)
      consider(symbols, left.previous, heap);
    consider(symbols, top.position, heap);
  }
}

void Bpe::encode(std::string_view piece, std::vector<int64_t> &ids) const {
  if (ignoreMerges) {
    uint32_t whole = vocabulary.find(piece);
    if (whole != kNoToken) {
      ids.push_back(whole);
      return;
    }
  }
  std::vector<Symbol> symbols = symbolsOf(piece);
  merge(symbols);
  for (const Symbol &symbol : symbols)
    if (symbol.alive)
      ids.push_back(symbol.id);
}

std::unique_ptr<TokenizerModel> weft::createBpe(const TokenizerView &view,
                                                std::string &error) {
  auto model = std::make_unique<Bpe>(view);
  if (!model->init(view, error))
    return nullptr;
  return model;
}
