//===- MutationTest.cpp - A thousand broken files for each reader ---------===//
//
// Seeded mutations of good files: cut short, bits flipped, and lies about
// counts, lengths, types, offsets, names and nesting. A reader must answer each
// with a value that holds or with an error; it must neither crash nor hang (the
// test's time limit), and must not ask for memory out of proportion to the
// file.
//
//===----------------------------------------------------------------------===//

#include "Builders.h"
#include "OnnxBuilder.h"
#include "Walk.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <new>
#include <random>

using namespace weft::formats;

/// The largest allocation since it was reset.
static size_t largestAllocation = 0;

void *operator new(size_t size) {
  largestAllocation = std::max(largestAllocation, size);
  void *memory = std::malloc(size ? size : 1);
  if (!memory)
    std::abort();
  return memory;
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

namespace {

constexpr unsigned kMutations = 1000;

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  /// A number below `bound`.
  size_t below(size_t bound) { return bound ? engine() % bound : 0; }
  template <typename T> const T &pick(const std::vector<T> &items) {
    return items[below(items.size())];
  }

private:
  std::mt19937_64 engine;
};

/// Numbers at which arithmetic goes wrong.
const std::vector<uint64_t> kNumbers = {0,
                                        1,
                                        2,
                                        3,
                                        9,
                                        13,
                                        31,
                                        32,
                                        127,
                                        255,
                                        256,
                                        65535,
                                        1u << 20,
                                        0x7fffffff,
                                        0x80000000,
                                        0xffffffff,
                                        1ull << 32,
                                        1ull << 40,
                                        1ull << 61,
                                        (1ull << 61) + 1,
                                        (1ull << 62) + 1,
                                        INT64_MAX,
                                        1ull << 63,
                                        ~0ull - 31,
                                        ~0ull - 7,
                                        ~0ull};

void truncate(std::string &text, Random &random) {
  text.resize(random.below(text.size()));
}

void flipBits(std::string &text, Random &random) {
  for (size_t n = 1 + random.below(4); n > 0 && !text.empty(); --n)
    text[random.below(text.size())] ^= static_cast<char>(1 << random.below(8));
}

/// Repeats, removes or swaps a stretch.
void spliceBytes(std::string &text, Random &random) {
  const size_t begin = random.below(text.size());
  const size_t length = random.below(std::min<size_t>(40, text.size() - begin));
  const std::string piece = text.substr(begin, length);
  if (random.below(2))
    text.erase(begin, length);
  else
    text.insert(random.below(text.size()), piece);
}

/// Overwrites one of a GGUF file's own numbers.
void lieInField(GgufBuilder &file, Random &random) {
  const GgufBuilder::Field &field = random.pick(file.fields);
  uint64_t value = random.pick(kNumbers);
  if (random.below(2)) // just beside the truth
    value =
        loadLittleEndian(bytesOf(file.text).data + field.offset, field.width) +
        random.below(5) - 2;
  file.text.replace(field.offset, field.width,
                    littleEndian(value, field.width));
}

/// Replaces a number, a string or a bracket of a JSON text in `[begin, end)`.
void lieInJson(std::string &text, size_t begin, Random &random) {
  std::vector<size_t> digits, quotes, brackets;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9' &&
        (text[i - 1] < '0' || text[i - 1] > '9'))
      digits.push_back(i);
    else if (text[i] == '"')
      quotes.push_back(i);
    else if (std::string("[]{},:").find(text[i]) != std::string::npos)
      brackets.push_back(i);
  }
  auto stringAt = [&](size_t number) {
    const size_t open = quotes[number & ~size_t(1)];
    const size_t close = quotes[number | 1];
    return std::pair(open, close + 1 - open);
  };
  switch (random.below(4)) {
  case 0: {
    if (digits.empty())
      return;
    const size_t at = random.pick(digits);
    const size_t end = text.find_first_not_of("0123456789", at);
    text.replace(at, end - at, std::to_string(random.pick(kNumbers)));
    return;
  }
  case 1: { // a string in the place of another: names and types that clash
    if (quotes.size() < 2 || quotes.size() % 2)
      return;
    auto [to, toSize] = stringAt(random.below(quotes.size()));
    auto [from, fromSize] = stringAt(random.below(quotes.size()));
    text.replace(to, toSize, text.substr(from, fromSize));
    return;
  }
  case 2: { // nesting
    if (brackets.empty())
      return;
    const std::vector<std::string> openers = {"[", "{\"a\":", "[[{\"b\":"};
    std::string deep;
    for (size_t n = random.below(3000); n > 0; --n)
      deep += openers[n % openers.size()];
    text.insert(random.pick(brackets), deep);
    return;
  }
  default: {
    const std::vector<std::string> values = {
        "null",        "true",
        "-1",          "1e999",
        "0.5",         "\"\"",
        "[]",          "{}",
        "\"\\ud800\"", "\"__metadata__\"",
        "1e5",         "-9223372036854775809"};
    if (!brackets.empty())
      text.insert(random.pick(brackets) + 1, random.pick(values));
  }
  }
}

/// Reads the file as a user would and checks what it cost.
template <typename Walk> bool walkBounded(const std::string &text, Walk walk) {
  // Just as long as the file: a read past it is seen by ASan.
  std::vector<uint8_t> bytes(text.begin(), text.end());
  largestAllocation = 0;
  const bool accepted = walk(Bytes{bytes.data(), bytes.size()});
  EXPECT_LE(largestAllocation, 4096 + 64 * text.size());
  return accepted;
}

std::string makeGoodSafetensors() {
  return makeSafetensors(
      R"({"__metadata__":{"format":"pt","x":"y"},)"
      R"("model.norm.weight":{"dtype":"BF16","shape":[8],"data_offsets":[0,16]},)"
      R"("model.q.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[16,40]},)"
      R"("empty":{"dtype":"U8","shape":[0,5],"data_offsets":[40,40]},)"
      R"("model.k.weight":{"dtype":"I64","shape":[],"data_offsets":[40,48]}})",
      48);
}

const char kConfig[] =
    R"({"architectures":["LlamaForCausalLM"],"hidden_size":64,)"
    R"("num_attention_heads":4,"rms_norm_eps":1e-05,"hidden_act":"silu",)"
    R"("rope_scaling":{"factor":8.0,"rope_type":"llama3"},"eos_token_id":[2,3],)"
    R"("tie_word_embeddings":false,"attention_bias":false,"rope_factors":[1,2]})";

} // namespace

TEST(Mutations, Gguf) {
  ASSERT_TRUE(walkBounded(makeGguf().text, walkGguf));
  unsigned refused = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    Random random(seed);
    GgufBuilder file = makeGguf();
    switch (seed % 5) {
    case 0:
      truncate(file.text, random);
      break;
    case 1:
      flipBits(file.text, random);
      break;
    case 2:
      spliceBytes(file.text, random);
      break;
    default:
      for (size_t n = 1 + random.below(2); n > 0; --n)
        lieInField(file, random);
    }
    refused += !walkBounded(file.text, walkGguf);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  // Mutations that no reader could see (data, a name) are the smaller part.
  EXPECT_GT(refused, kMutations / 2);
}

TEST(Mutations, Safetensors) {
  ASSERT_TRUE(walkBounded(makeGoodSafetensors(), walkSafetensors));
  unsigned refused = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    Random random(seed);
    std::string text = makeGoodSafetensors();
    const size_t dataSize = 48;
    switch (seed % 5) {
    case 0:
      truncate(text, random);
      break;
    case 1:
      flipBits(text, random);
      break;
    case 2:
      text.replace(0, 8, littleEndian(random.pick(kNumbers), 8));
      break;
    default: {
      std::string header = text.substr(8, text.size() - 8 - dataSize);
      for (size_t n = 1 + random.below(2); n > 0; --n)
        lieInJson(header, 1, random);
      text = makeSafetensors(header, dataSize);
    }
    }
    refused += !walkBounded(text, walkSafetensors);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(refused, kMutations / 2);
}

TEST(Mutations, Onnx) {
  onnx::Model model = makeOnnx();
  addExternal(model, "outside", "data.bin", "0", "12");
  const std::string good = serialize(model);
  ASSERT_TRUE(walkBounded(good, walkOnnx));
  unsigned refused = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    Random random(seed);
    std::string text = good;
    switch (seed % 4) {
    case 0:
      truncate(text, random);
      break;
    case 1:
      flipBits(text, random);
      break;
    case 2:
      spliceBytes(text, random);
      break;
    default: // a number, a length or a tag
      for (size_t n = 1 + random.below(3); n > 0; --n)
        text[random.below(text.size())] =
            static_cast<char>(random.pick(kNumbers));
    }
    refused += !walkBounded(text, walkOnnx);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(refused, kMutations / 2);
}

TEST(Mutations, Config) {
  ASSERT_TRUE(walkBounded(kConfig, walkConfig));
  unsigned refused = 0;
  for (unsigned seed = 0; seed < kMutations; ++seed) {
    Random random(seed);
    std::string text = kConfig;
    switch (seed % 4) {
    case 0:
      truncate(text, random);
      break;
    case 1:
      flipBits(text, random);
      break;
    default:
      for (size_t n = 1 + random.below(3); n > 0; --n)
        lieInJson(text, 1, random);
    }
    refused += !walkBounded(text, walkConfig);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(refused, kMutations / 2);
}
