//===- ReaderTest.cpp - tokenizer files: variants and refusals ------------===//

#include "Golden.h"

using namespace weft;
using namespace weft::formats;
using nlohmann::json;

static std::string errorOf(const TokenizerFiles &files) {
  Expected<TokenizerSpec> spec = readTokenizerFiles(files, "dir");
  return spec ? "" : spec.error().str();
}

/// The smallest tokenizer, changed by a merge patch.
static std::string errorOf(const char *patch) {
  json root = json::parse(
      R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2},
                                        "merges": [["a", "b"]]}})");
  root.merge_patch(json::parse(patch));
  TokenizerFiles files;
  files.tokenizerJson = root.dump();
  return errorOf(files);
}

TEST(TokenizerJson, NamesWhatIsUnsupported) {
  EXPECT_EQ(errorOf("{}"), "");
  const char *const cases[][2] = {
      {R"({"model": {"type": "Unigram"}})",
       "unsupported tokenizer model 'Unigram'"},
      {R"({"model": {"dropout": 0.1}})",
       "unsupported dropout of a BPE model: 0.1"},
      {R"({"normalizer": {"type": "Precompiled"}})",
       "unsupported normalizer 'Precompiled'"},
      {R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "X"}]}})",
       "unsupported normalizer 'X'"},
      {R"({"pre_tokenizer": {"type": "UnicodeScripts"}})",
       "unsupported pre-tokenizer 'UnicodeScripts'"},
      {R"({"pre_tokenizer": {"type": "Sequence"}})",
       "expected a list 'pretokenizers' in the sequence of pre-tokenizers but "
       "got nothing"},
      {R"({"pre_tokenizer": {"type": "Split", "behavior": "Odd", "pattern": {"String": "a"}}})",
       "pre-tokenizer 'Split': unsupported behavior 'Odd'"},
      {R"({"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {}}})",
       "expected a pattern with 'String' or 'Regex' but got an object"},
      {R"({"decoder": {"type": "CTC"}})", "unsupported decoder 'CTC'"},
      {R"({"post_processor": {"type": "Odd"}})",
       "unsupported post-processor 'Odd'"},
      {R"({"post_processor": {"type": "TemplateProcessing", "single": []}})",
       "unsupported template: it leaves the sequence 'A' out"},
      {R"({"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}]}})",
       "expected special tokens around one sequence 'A'"},
      {R"({"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "X"}}]}})",
       "the template's special token 'X' is not defined"},
      {R"({"post_processor": {"type": "BertProcessing", "cls": ["x", 1]}})",
       "expected a pair of text and id as 'sep' but got nothing"},
      {R"({"model": {"vocab": []}})",
       "expected a vocabulary in the tokenizer model but got an array"},
      {R"({"model": {"vocab": {"b": 0}}})",
       "tokens 'a' and 'b' both have the id 0"},
      {R"({"model": {"vocab": {"c": -1}}})",
       "expected an id below 16777216 for token 'c' but got -1"},
      {R"({"model": {"vocab": {"c": 16000000}}})",
       "expected ids below 4160 for 4 tokens but got 16000000"},
      {R"({"model": {"merges": [["a", "c"]]}})",
       "merge 0 needs token 'c', which the vocabulary lacks"},
      {R"({"model": {"merges": [["b", "a"]]}})",
       "merge 0 needs token 'ba', which the vocabulary lacks"},
      {R"({"model": {"merges": ["ab"]}})",
       "expected a pair of tokens as merge 0 but got \"ab\""},
      {R"({"model": {"merges": null}})",
       "expected a list of merges in the BPE model but got nothing"},
      {R"({"added_tokens": [{"content": "x"}]})",
       "expected an id below 16777216 for added token 'x' but got nothing"},
      {R"({"added_tokens": [{"content": "x", "id": 1}]})",
       "added token 'x' has the id 1 of token 'b'"},
  };
  for (const auto &entry : cases) {
    std::string error = errorOf(entry[0]);
    EXPECT_NE(error.find(entry[1]), std::string::npos) << entry[0] << "\n"
                                                       << error;
    EXPECT_EQ(error.compare(0, 16, "dir: tokenizer: "), 0) << error;
  }
}

TEST(TokenizerJson, RefusesWhatIsNoJson) {
  TokenizerFiles files;
  EXPECT_NE(errorOf(files).find("found neither tokenizer.json nor"),
            std::string::npos);
  files.tokenizerJson = "{";
  EXPECT_NE(errorOf(files).find("tokenizer.json"), std::string::npos);
  files.tokenizerJson = "[]";
  EXPECT_NE(errorOf(files).find(
                "expected an object in tokenizer.json but got an array"),
            std::string::npos);
  files.tokenizerJson = "{}";
  EXPECT_NE(errorOf(files).find("expected a tokenizer model but got nothing"),
            std::string::npos);
}

TEST(TokenizerJson, ConfigurationGivesSettings) {
  TokenizerFiles files;
  files.tokenizerJson = readGolden("smollm/tokenizer.json");
  files.tokenizerConfig =
      R"({"eos_token": {"content": "<|im_end|>"}, "model_max_length": 2048,
      "chat_template": [{"name": "tool", "template": "no"}, {"name": "default", "template": "yes"}]})";
  files.specialTokensMap =
      R"({"bos_token": "<|im_start|>", "pad_token": "absent"})";
  Expected<TokenizerSpec> spec = readTokenizerFiles(files, "dir");
  ASSERT_TRUE(bool(spec)) << spec.error().str();
  auto setting = [&](const char *key) {
    const std::string *value = spec->setting(key);
    return value ? *value : "none";
  };
  EXPECT_EQ(setting("eos_token"), "<|im_end|>");
  EXPECT_EQ(setting("eos_token_id"), "602");
  EXPECT_EQ(setting("bos_token_id"), "601");
  EXPECT_EQ(setting("pad_token_id"), "603") << "a new token, at the end";
  EXPECT_EQ(setting("model_max_length"), "2048");
  EXPECT_EQ(setting("chat_template"), "yes");
  files.chatTemplate = "from its own file";
  spec = readTokenizerFiles(files, "dir");
  EXPECT_EQ(setting("chat_template"), "from its own file");
}

static OwnedTokenizer withConfig(const char *folder, const char *config) {
  TokenizerFiles files;
  files.tokenizerJson = readGolden(std::string(folder) + "/tokenizer.json");
  files.tokenizerConfig = config;
  Expected<TokenizerSpec> spec = readTokenizerFiles(files, "dir");
  EXPECT_TRUE(bool(spec));
  return makeTokenizer(std::move(*spec));
}

// The ids are those of transformers 5.24.0 for the same two files.
TEST(TokenizerJson, ConfigurationAddsSpecialTokensAndChangesSteps) {
  using Ids = std::vector<int64_t>;
  auto idsOf = [](const OwnedTokenizer &tokenizer, const char *text) {
    return encode(*tokenizer.tokenizer, text);
  };
  EXPECT_EQ(idsOf(withConfig("gpt2", R"({"eos_token": "the"})"), "a the b"),
            (Ids{64, 220, 340, 275}));
  EXPECT_EQ(idsOf(withConfig("gpt2", R"({"eos_token": "<new>"})"), "a <new> b"),
            (Ids{64, 220, 601, 275}));
  EXPECT_EQ(
      idsOf(withConfig("gpt2",
                       R"({"eos_token": {"content": "the", "lstrip": true}})"),
            "a the b"),
      (Ids{64, 340, 275}));
  EXPECT_EQ(
      idsOf(
          withConfig(
              "gpt2",
              R"({"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true})"),
          "a the b"),
      (Ids{260, 261, 275}));
  EXPECT_EQ(
      idsOf(
          withConfig(
              "bert-uncased",
              R"({"tokenizer_class": "BertTokenizer", "do_lower_case": false})"),
          "A the b"),
      (Ids{2, 1, 289, 37, 3}));
  EXPECT_EQ(idsOf(withConfig("bert-uncased",
                             R"({"tokenizer_class": "BertTokenizer"})"),
                  "A the b"),
            (Ids{2, 36, 289, 37, 3}));
  EXPECT_EQ(idsOf(withConfig("llama2",
                             R"({"add_bos_token": false, "bos_token": "<s>"})"),
                  "hi"),
            (Ids{1, 337, 441}));
}

/// The same tokenizer from the older files that it was once saved as.
TEST(OlderFiles, VocabTxtIsBert) {
  json root = json::parse(readGolden("bert-uncased/tokenizer.json"));
  std::vector<std::string> lines(root["model"]["vocab"].size());
  for (auto &[token, id] : root["model"]["vocab"].items())
    lines[id] = token;
  TokenizerFiles files;
  for (const std::string &line : lines)
    files.vocabTxt += line + "\n";
  Expected<TokenizerSpec> spec = readTokenizerFiles(files, "dir");
  ASSERT_TRUE(bool(spec)) << spec.error().str();
  OwnedTokenizer tokenizer = makeTokenizer(std::move(*spec)),
                 same = goldenTokenizer("bert-uncased");
  for (const char *text :
       {"Hello, World!", "\xC3\x89t\xC3\xA9 [MASK] \xE4\xB8\xAD",
        "internationalization"})
    EXPECT_EQ(encode(*tokenizer.tokenizer, text),
              encode(*same.tokenizer, text));
}

TEST(OlderFiles, VocabJsonAndMergesTxtAreGpt2) {
  json root = json::parse(readGolden("gpt2/tokenizer.json"));
  TokenizerFiles files;
  json vocab = root["model"]["vocab"];
  vocab["<|endoftext|>"] = vocab.size();
  files.vocabJson = vocab.dump();
  files.mergesTxt = "#version: 0.2\n";
  for (const auto &merge : root["model"]["merges"])
    files.mergesTxt +=
        merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
  Expected<TokenizerSpec> spec = readTokenizerFiles(files, "dir");
  ASSERT_TRUE(bool(spec)) << spec.error().str();
  OwnedTokenizer tokenizer = makeTokenizer(std::move(*spec)),
                 same = goldenTokenizer("gpt2");
  for (const char *text :
       {"Hello, World!  12", "\xE4\xB8\xAD<|endoftext|> the"})
    EXPECT_EQ(encode(*tokenizer.tokenizer, text),
              encode(*same.tokenizer, text));
}
