//===- PostProcessor.cpp - Ids around a single text -----------------------===//

#include "frontends/formats/tokenizer_json/Json.h"

using namespace weft;
using namespace weft::json;

/// The ids that a template's special token stands for.
static bool specialIds(const Value &processor, const std::string &name,
                       std::vector<uint32_t> &ids, std::string &error) {
  const Value *specials = member(processor, "special_tokens");
  const Value *entry = specials ? member(*specials, name.c_str()) : nullptr;
  const Value *list = entry ? member(*entry, "ids") : nullptr;
  if (!list || !list->is_array()) {
    error = "the template's special token '" + name + "' is not defined";
    return false;
  }
  for (const Value &value : *list) {
    uint32_t id;
    if (!idOf(value, id)) {
      error = "expected an id for special token '" + name + "' but got " +
              value.dump();
      return false;
    }
    ids.push_back(id);
  }
  return true;
}

static bool readTemplate(const Value &processor, std::vector<uint32_t> &before,
                         std::vector<uint32_t> &after, std::string &error) {
  const Value *single = member(processor, "single");
  if (!single || !single->is_array()) {
    error =
        "expected a list 'single' in the template but got " + describe(single);
    return false;
  }
  bool seen = false;
  for (const Value &part : *single) {
    if (const Value *special = member(part, "SpecialToken")) {
      if (!specialIds(processor, textOf(*special, "id"), seen ? after : before,
                      error))
        return false;
      continue;
    }
    const Value *sequence = member(part, "Sequence");
    if (!sequence || textOf(*sequence, "id") != "A" || seen) {
      error = "unsupported template: expected special tokens around one "
              "sequence 'A'";
      return false;
    }
    seen = true;
  }
  if (!seen)
    error = "unsupported template: it leaves the sequence 'A' out";
  return seen;
}

/// [text, id] of BertProcessing and RobertaProcessing.
static bool readPair(const Value &processor, const char *key,
                     std::vector<uint32_t> &ids, std::string &error) {
  const Value *pair = member(processor, key);
  uint32_t id;
  if (!pair || !pair->is_array() || pair->size() != 2 ||
      !idOf((*pair)[1], id)) {
    error = std::string("expected a pair of text and id as '") + key +
            "' but got " + describe(pair);
    return false;
  }
  ids.push_back(id);
  return true;
}

bool json::readPostProcessor(const Value &processor, TokenizerSpec &spec,
                             std::string &error) {
  std::string type = textOf(processor, "type");
  std::vector<uint32_t> before, after;
  if (type == "Sequence") {
    const Value *parts = member(processor, "processors");
    if (!parts || !parts->is_array()) {
      error = "expected a list 'processors' but got " + describe(parts);
      return false;
    }
    for (const Value &part : *parts) {
      bool nested = textOf(part, "type") == "Sequence";
      if (nested)
        error = "unsupported post-processor: a sequence inside a sequence";
      if (nested || !readPostProcessor(part, spec, error))
        return false;
    }
    return true;
  }
  if (type == "TemplateProcessing") {
    if (!readTemplate(processor, before, after, error))
      return false;
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    if (!readPair(processor, "cls", before, error) ||
        !readPair(processor, "sep", after, error))
      return false;
  } else if (type != "ByteLevel") { // which changes offsets only
    error = "unsupported post-processor '" + type + "'";
    return false;
  }
  spec.prefix.insert(spec.prefix.begin(), before.begin(), before.end());
  spec.suffix.insert(spec.suffix.end(), after.begin(), after.end());
  return true;
}
