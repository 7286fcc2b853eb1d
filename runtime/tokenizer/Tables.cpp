//===- Tables.cpp - Hash tables that are computed once, at compile time ---===//

#include "runtime/tokenizer/Tables.h"

using namespace weft;

uint32_t weft::hashTokenText(std::string_view text) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (unsigned char byte : text)
    hash = (hash ^ byte) * UINT64_C(0x100000001b3);
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

static size_t cellsFor(size_t entries) {
  size_t cells = 4;
  while (cells < 2 * entries)
    cells *= 2;
  return cells;
}

/// Puts `index` where `same` says that an equal entry lies, or else in the
/// first free cell from `hash` on.
template <typename Same>
static void insert(std::vector<uint32_t> &table, uint32_t hash, size_t index,
                   Same same) {
  size_t mask = table.size() - 1;
  for (size_t cell = hash & mask;; cell = (cell + 1) & mask)
    if (table[cell] == 0 || same(table[cell] - 1)) {
      table[cell] = static_cast<uint32_t>(index + 1);
      return;
    }
}

static bool inVocabulary(uint8_t type) {
  return type != static_cast<uint8_t>(TokenType::Unused) &&
         type != static_cast<uint8_t>(TokenType::Added);
}

bool weft::buildTokenizerTables(TokenizerSpec &spec, std::string &error) {
  size_t count = spec.size();
  if (spec.tokenTypes.size() != count) {
    error = "expected a type for each of " + std::to_string(count) +
            " tokens but got " + std::to_string(spec.tokenTypes.size());
    return false;
  }
  spec.tokenTable.assign(cellsFor(count), 0);
  for (size_t id = 0; id < count; ++id)
    if (inVocabulary(spec.tokenTypes[id]))
      insert(spec.tokenTable, hashTokenText(spec.token(id)), id,
             [&](size_t other) { return spec.token(other) == spec.token(id); });

  spec.mergeTable.assign(cellsFor(spec.merges.size()), 0);
  for (size_t i = 0; i < spec.merges.size(); ++i) {
    const MergeRule &rule = spec.merges[i];
    if (rule.left >= count || rule.right >= count || rule.result >= count) {
      error = "merge " + std::to_string(i) +
              " names a token past the last of " + std::to_string(count);
      return false;
    }
    insert(spec.mergeTable, hashMergePair(rule.left, rule.right), i,
           [&](size_t other) {
             return spec.merges[other].left == rule.left &&
                    spec.merges[other].right == rule.right;
           });
  }
  return true;
}

std::string_view Vocabulary::text(uint32_t id) const {
  if (id >= view.tokenEnds.size)
    return {};
  size_t begin = id ? view.tokenEnds[id - 1] : 0, end = view.tokenEnds[id];
  if (begin > end || end > view.tokenText.size)
    return {};
  return {view.tokenText.data + begin, end - begin};
}

TokenType Vocabulary::type(uint32_t id) const {
  return id < view.tokenTypes.size ? static_cast<TokenType>(view.tokenTypes[id])
                                   : TokenType::Unused;
}

/// The first entry from `hash` on that `same` accepts, as index, or SIZE_MAX.
template <typename Same>
static size_t probe(TokenizerSpan<uint32_t> table, uint32_t hash, Same same) {
  if (table.size == 0)
    return SIZE_MAX;
  size_t mask = table.size - 1;
  size_t cell = hash & mask;
  for (size_t step = 0; step < table.size && table[cell] != 0; ++step) {
    if (same(table[cell] - 1))
      return table[cell] - 1;
    cell = (cell + 1) & mask;
  }
  return SIZE_MAX;
}

uint32_t Vocabulary::find(std::string_view wanted) const {
  size_t found =
      probe(view.tokenTable, hashTokenText(wanted),
            [&](uint32_t id) { return id < size() && text(id) == wanted; });
  return found == SIZE_MAX ? kNoToken : static_cast<uint32_t>(found);
}

const MergeRule *Vocabulary::findMerge(uint32_t left, uint32_t right) const {
  size_t found =
      probe(view.mergeTable, hashMergePair(left, right), [&](uint32_t i) {
        return i < view.merges.size && view.merges[i].left == left &&
               view.merges[i].right == right;
      });
  return found == SIZE_MAX ? nullptr : view.merges.data + found;
}

template <typename T>
static TokenizerSpan<T> spanOf(const std::vector<T> &values) {
  return {values.data(), values.size()};
}

TokenizerView weft::viewOf(const TokenizerSpec &spec) {
  TokenizerView view;
  view.kind = spec.kind;
  view.tokenText = {spec.tokenText.data(), spec.tokenText.size()};
  view.tokenEnds = spanOf(spec.tokenEnds);
  view.tokenTypes = spanOf(spec.tokenTypes);
  view.tokenTable = spanOf(spec.tokenTable);
  view.merges = spanOf(spec.merges);
  view.mergeTable = spanOf(spec.mergeTable);
  view.added = spec.added;
  view.normalizer = spec.normalizer;
  view.preTokenizer = spec.preTokenizer;
  view.decoder = spec.decoder;
  view.prefix = spec.prefix;
  view.suffix = spec.suffix;
  view.settings = spec.settings;
  return view;
}
