//===- FuzzTokenizerJson.cpp - tokenizer.json on any bytes ----------------===//

#include "frontends/formats/tokenizer_json/TokenizerJson.h"
#include "runtime/tokenizer/Tokenizer.h"

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  formats::TokenizerFiles files;
  files.tokenizerJson.assign(reinterpret_cast<const char *>(data), size);
  formats::Expected<TokenizerSpec> spec =
      formats::readTokenizerFiles(files, "input");
  if (!spec)
    return 0;
  std::string error, text;
  auto tokenizer = Tokenizer::create(viewOf(*spec), error);
  std::vector<int64_t> ids;
  if (tokenizer &&
      tokenizer->encode("Hello, world 12\n\xE4\xB8\xAD\xFF", ids, error))
    tokenizer->decode(ids, text, error);
  return 0;
}
