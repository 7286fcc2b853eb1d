//===- MutationTest.cpp - A thousand broken tokenizer files ---------------===//
//
// Every mutation of a good file is an error or a tokenizer that works: it
// neither crashes nor hangs (the test's time limit).
//
//===----------------------------------------------------------------------===//

#include "Golden.h"
#include <random>

using namespace weft;
using namespace weft::formats;
using nlohmann::json;

namespace {
class Mutator {
public:
  explicit Mutator(uint32_t seed) : random(seed) {}

  size_t below(size_t bound) { return bound ? random() % bound : 0; }

  std::string mutate(const std::string &good) {
    return below(2) ? mutateBytes(good)
                    : mutateValues(json::parse(good)).dump();
  }

private:
  std::string mutateBytes(std::string text) {
    for (size_t i = 0, n = 1 + below(4); i < n && !text.empty(); ++i) {
      size_t at = below(text.size());
      switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(60)));
        break;
      default:
        text[at] = "{}[]\",:0-e\\"[below(11)];
        break;
      }
    }
    return text;
  }

  /// Replaces values all over the document, mostly outside of the big
  /// vocabulary.
  json mutateValues(json root) {
    for (size_t i = 0, n = 1 + below(4); i < n; ++i) {
      json *place = &root;
      for (size_t depth = 0;
           depth < 8 && place->is_structured() && !place->empty(); ++depth) {
        auto entry = place->begin();
        std::advance(entry, below(place->size()));
        place = &*entry;
        if (!below(5))
          break;
      }
      *place = value();
    }
    return root;
  }

  json value() {
    static const char *const texts[] = {
        "",          "a",      "Sequence", "ByteLevel",    "BPE",
        "WordPiece", "(a+)+$", "[",        "\xE2\x96\x81", "Isolated",
        "<0x41>",    "[UNK]",  "\\p{L}",   "Split"};
    switch (below(7)) {
    case 0:
      return nullptr;
    case 1:
      return below(2) == 1;
    case 2:
      return static_cast<uint64_t>(random()) << below(32);
    case 3:
      return -static_cast<int64_t>(below(100));
    case 4:
      return json::array({texts[below(14)], below(50)});
    case 5:
      return json::object(
          {{"type", texts[below(14)]}, {"String", texts[below(14)]}});
    default:
      return texts[below(14)];
    }
  }

  std::mt19937 random;
};
} // namespace

/// Whether the tokenizer could be made. It is used, whatever it has become.
static bool use(Expected<TokenizerSpec> spec) {
  std::string error, text;
  if (!spec) {
    EXPECT_FALSE(spec.error().message.empty());
    return false;
  }
  auto tokenizer = Tokenizer::create(viewOf(*spec), error);
  if (!tokenizer) {
    EXPECT_FALSE(error.empty());
    return false;
  }
  std::vector<int64_t> ids;
  if (tokenizer->encode("Hello, <s>world  12\n\xE4\xB8\xAD\xFF "
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
                        ids, error))
    tokenizer->decode(ids, text, error);
  return true;
}

class Mutations : public testing::TestWithParam<const char *> {};

TEST_P(Mutations, AreErrorsOrHarmless) {
  std::string good = readGolden(std::string(GetParam()) + "/tokenizer.json");
  size_t usable = 0;
  for (uint32_t seed = 0; seed < 250; ++seed) {
    TokenizerFiles files;
    files.tokenizerJson = Mutator(seed).mutate(good);
    usable += use(readTokenizerFiles(files, GetParam()));
  }
  EXPECT_GT(usable, 0u);
  EXPECT_LT(usable, 250u) << "mutations that change nothing test nothing";
}

INSTANTIATE_TEST_SUITE_P(Folders, Mutations,
                         testing::Values("gpt2", "bert-uncased", "mixed",
                                         "llama2"),
                         [](const auto &info) {
                           return std::string(info.param).substr(0, 4);
                         });

TEST(GgufMutations, AreErrorsOrHarmless) {
  for (const char *folder : {"gguf-llama", "gguf-llama3", "gguf-bert"}) {
    std::string good = readGolden(std::string(folder) + "/tokenizer.gguf");
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
      std::string bad = good;
      for (int i = 0; i < 3; ++i)
        bad[random() % bad.size()] = static_cast<char>(random());
      Bytes bytes{reinterpret_cast<const uint8_t *>(bad.data()), bad.size()};
      Expected<GgufContents> contents = parseGguf(bytes, "bad.gguf");
      if (contents)
        use(readGgufTokenizer(contents->metadata, "bad.gguf"));
    }
  }
}
