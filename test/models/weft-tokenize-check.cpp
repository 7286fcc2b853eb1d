//===- weft-tokenize-check.cpp - Tokenizes many texts for a comparison ----===//
//
// weft-tokenize-check DIRECTORY|FILE.gguf < texts > ids
//
// Texts come as a 32-bit little-endian length and that many bytes each. For
// every text there is a line with two JSON values: its ids, and the text that
// they decode to, special tokens included. test/models/check_tokenizers.py
// compares them.
//
//===----------------------------------------------------------------------===//

#include "frontends/formats/tokenizer_gguf/TokenizerGguf.h"
#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace weft;

static bool readText(std::string &text) {
  unsigned char length[4];
  if (std::fread(length, 1, 4, stdin) != 4)
    return false;
  text.resize(length[0] | length[1] << 8 | length[2] << 16 |
              static_cast<size_t>(length[3]) << 24);
  return std::fread(text.data(), 1, text.size(), stdin) == text.size();
}

static int fail(const std::string &error) {
  std::fprintf(stderr, "weft-tokenize-check: %s\n", error.c_str());
  return 1;
}

/// What the stream gives, joined; an error text if it differs from `decode`.
static std::string streamed(const Tokenizer &tokenizer,
                            const std::vector<int64_t> &ids) {
  DecodeStream stream(tokenizer, /*skipSpecial=*/false);
  std::string text, part, error;
  for (int64_t id : ids) {
    if (!stream.put(id, part, error))
      return error;
    text += part;
  }
  stream.finish(part, error);
  return text + part;
}

static formats::Expected<TokenizerSpec> readSpec(const std::string &path) {
  if (auto files = formats::findTokenizerFiles(path))
    return formats::readTokenizerFiles(*files, path);
  formats::Expected<formats::GgufFile> gguf = formats::openGguf(path);
  if (!gguf)
    return gguf.takeError();
  return formats::readGgufTokenizer(gguf->metadata, path);
}

int main(int argc, char **argv) {
  if (argc != 2)
    return fail("expected a directory or a .gguf file");
  formats::Expected<TokenizerSpec> spec = readSpec(argv[1]);
  if (!spec)
    return fail(spec.error().str());
  std::string error;
  auto begin = std::chrono::steady_clock::now();
  auto tokenizer = Tokenizer::create(viewOf(*spec), error);
  if (!tokenizer)
    return fail(error);
  std::chrono::duration<double, std::milli> start =
      std::chrono::steady_clock::now() - begin;
  std::fprintf(stderr, "created in %.3f ms\n", start.count());
  double seconds = 0;
  size_t bytes = 0;
  for (std::string text; readText(text);) {
    std::vector<int64_t> ids;
    auto begin = std::chrono::steady_clock::now();
    if (!tokenizer->encode(text, ids, error))
      return fail(error);
    seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
    bytes += text.size();
    std::string decoded;
    if (!tokenizer->decode(ids, decoded, error, /*skipSpecial=*/false))
      return fail(error);
    nlohmann::json row = {ids, decoded, streamed(*tokenizer, ids)};
    std::printf("%s\n", row.dump(-1, ' ', true).c_str());
  }
  std::fprintf(stderr, "encoded %.2f MB at %.1f MB/s\n", bytes / 1e6,
               bytes / 1e6 / seconds);
  return 0;
}
