//===- Golden.h - The tokenizers and cases of golden/ -----------*- C++ -*-===//

#ifndef WEFT_TEST_TOKENIZER_GOLDEN_H
#define WEFT_TEST_TOKENIZER_GOLDEN_H

#include "frontends/formats/tokenizer_gguf/TokenizerGguf.h"
#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace weft {

inline std::string goldenPath(const std::string &name) {
  return std::string(WEFT_TEST_GOLDEN) + "/" + name;
}

inline std::string readGolden(const std::string &name) {
  std::ifstream file(goldenPath(name), std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The spec in a folder of golden/, from tokenizer.gguf or else from the files.
inline formats::Expected<TokenizerSpec>
readGoldenSpec(const std::string &folder) {
  std::string gguf = goldenPath(folder) + "/tokenizer.gguf";
  if (std::ifstream(gguf)) {
    formats::Expected<formats::GgufFile> file = formats::openGguf(gguf);
    if (!file)
      return file.takeError();
    return formats::readGgufTokenizer(file->metadata, gguf);
  }
  auto files = formats::findTokenizerFiles(goldenPath(folder));
  if (!files)
    return formats::Error{folder, "", "no tokenizer"};
  return formats::readTokenizerFiles(*files, folder);
}

/// A tokenizer with the spec that it points into.
struct OwnedTokenizer {
  std::unique_ptr<TokenizerSpec> spec;
  std::unique_ptr<Tokenizer> tokenizer;
  const Tokenizer *operator->() const { return tokenizer.get(); }
};

inline OwnedTokenizer makeTokenizer(TokenizerSpec spec) {
  OwnedTokenizer owned;
  owned.spec = std::make_unique<TokenizerSpec>(std::move(spec));
  std::string error;
  owned.tokenizer = Tokenizer::create(viewOf(*owned.spec), error);
  EXPECT_TRUE(owned.tokenizer) << error;
  return owned;
}

inline OwnedTokenizer goldenTokenizer(const std::string &folder) {
  formats::Expected<TokenizerSpec> spec = readGoldenSpec(folder);
  if (!spec) {
    ADD_FAILURE() << spec.error().str();
    return {};
  }
  return makeTokenizer(std::move(*spec));
}

inline std::vector<int64_t> encode(const Tokenizer &tokenizer,
                                   std::string_view text,
                                   EncodeOptions options = {}) {
  std::vector<int64_t> ids;
  std::string error;
  EXPECT_TRUE(tokenizer.encode(text, ids, error, options)) << error;
  return ids;
}

inline std::string decode(const Tokenizer &tokenizer,
                          const std::vector<int64_t> &ids,
                          bool skipSpecial = false) {
  std::string text, error;
  EXPECT_TRUE(tokenizer.decode(ids, text, error, skipSpecial)) << error;
  return text;
}

} // namespace weft

#endif // WEFT_TEST_TOKENIZER_GOLDEN_H
