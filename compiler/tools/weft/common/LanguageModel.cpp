//===- LanguageModel.cpp - A decoder that takes and gives tokens ----------===//

#include "compiler/tools/weft/common/LanguageModel.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include <sstream>

using namespace weft;
using namespace weft::cli;

static Function decoderFunction(const Program &program, const char *name) {
  if (!program.hasFunction(name))
    throw Failure(program.path() +
                  ": expected a language model with functions "
                  "prefill and step but it has no " +
                  name);
  Function function = program.function(name);
  if (function.inputs.size() != 1 || function.outputs.size() != 1 ||
      function.outputs[0].type != WEFT_F32)
    throw Failure(program.path() + ": function " + name +
                  ": expected token ids as the only input and logits of f32 as "
                  "the only output");
  return function;
}

LanguageModel::LanguageModel(const Program &program,
                             const CommonOptions &common)
    : session(program, common), prefill(decoderFunction(program, "prefill")),
      step(decoderFunction(program, "step")) {
  if (auto symbol = findTokensSymbol(prefill))
    most = size_t(prefill.symbols[*symbol].max);
}

void LanguageModel::run(const Function &function, const int64_t *ids,
                        size_t count) {
  Array input = makeIds(function.inputs[0], ids, count);
  if (last.empty()) // logits have the same shape always
    last = session.run(function, {&input});
  else
    session.run(function, {&input}, last);
  seen.insert(seen.end(), ids, ids + count);
}

bool LanguageModel::put(const std::vector<int64_t> &ids, std::string &error) {
  try {
    if (ids.size() == 1) {
      run(step, ids.data(), 1);
      return true;
    }
    for (size_t i = 0; i < ids.size(); i += most)
      run(prefill, ids.data() + i, std::min(most, ids.size() - i));
    return true;
  } catch (const Failure &failure) {
    error = failure.what();
    return false;
  }
}

std::vector<int64_t> LanguageModel::resume(const std::vector<int64_t> &ids) {
  size_t same = 0;
  while (same < seen.size() && same + 1 < ids.size() && seen[same] == ids[same])
    ++same;
  // States that keep no history can only go on or start anew.
  if (weft_session_rollback(session.get(), int64_t(same)).code != WEFT_OK) {
    session.reset();
    same = 0;
  }
  seen.resize(same);
  return {ids.begin() + ptrdiff_t(same), ids.end()};
}

std::vector<int64_t> cli::endIds(const Program &program) {
  std::vector<int64_t> ids;
  std::istringstream words(program.metadata("eos_token_ids").value_or(""));
  for (std::string word; std::getline(words, word, ',');)
    ids.push_back(toInteger(word, program.path() + ": eos_token_ids"));
  return ids;
}
