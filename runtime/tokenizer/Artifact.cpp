//===- Artifact.cpp - Tokenizers in and out of artifact tables ------------===//

#include "runtime/tokenizer/Artifact.h"

using namespace weft;
using flatbuffers::Offset;

static_assert(sizeof(fb::Merge) == sizeof(MergeRule),
              "merges are used in place, so both must be laid out alike");

static Offset<flatbuffers::Vector<Offset<fb::Setting>>>
writeSettings(flatbuffers::FlatBufferBuilder &builder,
              const TokenizerSettings &settings) {
  std::vector<Offset<fb::Setting>> rows;
  for (const auto &[key, value] : settings) {
    auto keyText = builder.CreateString(key);
    auto valueText = builder.CreateString(value);
    rows.push_back(fb::CreateSetting(builder, keyText, valueText));
  }
  return builder.CreateVector(rows);
}

static Offset<flatbuffers::Vector<Offset<fb::TokenizerStep>>>
writeSteps(flatbuffers::FlatBufferBuilder &builder,
           const std::vector<TokenizerStep> &steps) {
  std::vector<Offset<fb::TokenizerStep>> rows;
  for (const TokenizerStep &step : steps) {
    auto args = writeSettings(builder, step.args);
    auto op = builder.CreateString(step.op);
    rows.push_back(fb::CreateTokenizerStep(builder, op, args));
  }
  return builder.CreateVector(rows);
}

static Offset<flatbuffers::Vector<Offset<fb::AddedToken>>>
writeAdded(flatbuffers::FlatBufferBuilder &builder,
           const std::vector<AddedToken> &added) {
  std::vector<Offset<fb::AddedToken>> rows;
  for (const AddedToken &token : added) {
    auto content = builder.CreateString(token.content);
    rows.push_back(fb::CreateAddedToken(
        builder, token.id, content, token.special, token.singleWord,
        token.lstrip, token.rstrip, token.normalized));
  }
  return builder.CreateVector(rows);
}

Offset<fb::Tokenizer>
weft::writeTokenizer(flatbuffers::FlatBufferBuilder &builder,
                     const TokenizerSpec &spec) {
  auto kind = builder.CreateString(spec.kind);
  auto text = builder.CreateVector(
      reinterpret_cast<const uint8_t *>(spec.tokenText.data()),
      spec.tokenText.size());
  auto ends = builder.CreateVector(spec.tokenEnds);
  auto types = builder.CreateVector(spec.tokenTypes);
  auto table = builder.CreateVector(spec.tokenTable);
  auto merges = builder.CreateVectorOfStructs(
      reinterpret_cast<const fb::Merge *>(spec.merges.data()),
      spec.merges.size());
  auto mergeTable = builder.CreateVector(spec.mergeTable);
  auto scores = builder.CreateVector(spec.scores);
  auto added = writeAdded(builder, spec.added);
  auto normalizer = writeSteps(builder, spec.normalizer);
  auto preTokenizer = writeSteps(builder, spec.preTokenizer);
  auto decoder = writeSteps(builder, spec.decoder);
  auto prefix = builder.CreateVector(spec.prefix);
  auto suffix = builder.CreateVector(spec.suffix);
  auto settings = writeSettings(builder, spec.settings);
  return fb::CreateTokenizer(builder, kind, text, ends, types, table, merges,
                             mergeTable, scores, added, normalizer,
                             preTokenizer, decoder, prefix, suffix, settings);
}

template <typename To, typename Vector>
static TokenizerSpan<To> spanOf(const Vector *vector) {
  if (!vector)
    return {};
  return {reinterpret_cast<const To *>(vector->Data()), vector->size()};
}

template <typename Row> using Rows = flatbuffers::Vector<Offset<Row>>;

static std::string textOf(const flatbuffers::String *text) {
  return text ? text->str() : std::string();
}

static TokenizerSettings readSettings(const Rows<fb::Setting> *rows) {
  TokenizerSettings settings;
  if (rows)
    for (const fb::Setting *row : *rows)
      settings.emplace_back(textOf(row->key()), textOf(row->value()));
  return settings;
}

static std::vector<TokenizerStep>
readSteps(const Rows<fb::TokenizerStep> *rows) {
  std::vector<TokenizerStep> steps;
  if (rows)
    for (const fb::TokenizerStep *row : *rows)
      steps.push_back({textOf(row->op()), readSettings(row->args())});
  return steps;
}

static std::vector<uint32_t> readIds(const flatbuffers::Vector<uint32_t> *ids) {
  return ids ? std::vector<uint32_t>(ids->begin(), ids->end())
             : std::vector<uint32_t>();
}

TokenizerView weft::viewOf(const fb::Tokenizer &table) {
  TokenizerView view;
  view.kind = textOf(table.kind());
  view.tokenText = spanOf<char>(table.token_text());
  view.tokenEnds = spanOf<uint32_t>(table.token_ends());
  view.tokenTypes = spanOf<uint8_t>(table.token_types());
  view.tokenTable = spanOf<uint32_t>(table.token_table());
  view.merges = spanOf<MergeRule>(table.merges());
  view.mergeTable = spanOf<uint32_t>(table.merge_table());
  if (table.added())
    for (const fb::AddedToken *row : *table.added())
      view.added.push_back({row->id(), textOf(row->content()), row->special(),
                            row->single_word(), row->lstrip(), row->rstrip(),
                            row->normalized()});
  view.normalizer = readSteps(table.normalizer());
  view.preTokenizer = readSteps(table.pre_tokenizer());
  view.decoder = readSteps(table.decoder());
  view.prefix = readIds(table.prefix());
  view.suffix = readIds(table.suffix());
  view.settings = readSettings(table.settings());
  return view;
}
