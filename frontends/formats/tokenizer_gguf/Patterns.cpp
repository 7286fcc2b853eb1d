//===- Patterns.cpp - What `tokenizer.ggml.pre` names ---------------------===//
//
// The patterns are those with which the models named were trained, as published
// in their tokenizer files.
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/tokenizer_gguf/Patterns.h"
#include <map>

using namespace weft;
using namespace weft::formats;

static const char *const kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

static const char *const kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

static const char *const kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

static const char *const kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N})"
    R"(| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

static const char *const kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

static const char *const kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

static const char *const kDeepseek3 =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)"
    R"(|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

using Table = std::map<std::string_view, PreTokenizerPatterns>;

static Table buildTable() {
  Table table;
  auto add = [&](std::initializer_list<std::string_view> names,
                 const PreTokenizerPatterns &entry) {
    for (std::string_view name : names)
      table[name] = entry;
  };
  add({"gpt-2", "phi-2", "mpt", "olmo", "jais", "roberta-bpe", "jina-es",
       "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
       "trillion", "gigachat", "granite-docling"},
      {{kGpt2}});
  add({"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone",
       "minerva-7b"},
      {{R"(\p{N})", kGpt2}});
  add({"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral",
       "midm-2.0", "lfm2"},
      {{kLlama3}, /*ignoreMerges=*/true, /*addBos=*/true});
  add({"dbrx", "smaug-bpe", "glm4", "chatglm-bpe"}, {{kLlama3}});
  add({"qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "kormo"},
      {{kQwen2}});
  add({"qwen35"}, {{kQwen35}});
  add({"tekken"}, {{kTekken}, /*ignoreMerges=*/true, /*addBos=*/true});
  add({"gpt-4o", "llama4", "kanana2"}, {{kGpt4o}});
  add({"falcon"}, {{R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2, "[0-9][0-9][0-9]"}});
  add({"deepseek-coder"},
      {{R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
        R"([\x{4e00}-\x{9fa5}\x{0800}-\x{4e00}\x{ac00}-\x{d7ff}]+)",
        R"(\p{N})"}});
  add({"deepseek-v3"},
      {{R"(\p{N}{1,3})",
        R"([\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)",
        kDeepseek3}});
  add({"default"},
      {{R"([\p{P}\$\+<=>\^~\|]+)", kGpt2, R"(\p{N}+)", "[0-9][0-9][0-9]"}});
  return table;
}

const PreTokenizerPatterns *formats::findPreTokenizer(std::string_view name) {
  static const Table table = buildTable();
  auto entry = table.find(name);
  return entry == table.end() ? nullptr : &entry->second;
}
