//===- Text.cpp - Texts as token ids of an artifact -----------------------===//

#include "compiler/tools/weft/common/Text.h"
#include "runtime/tokenizer/Artifact.h"

using namespace weft;
using namespace weft::cli;

std::unique_ptr<Tokenizer> cli::loadTokenizer(const Program &program) {
  const void *tables;
  size_t bytes;
  check(weft_program_get_tables(program.get(), &tables, &bytes),
        program.path());
  const fb::Tokenizer *table = fb::GetProgram(tables)->tokenizer();
  if (!table)
    throw Failure(program.path() + ": expected a tokenizer but it holds none; "
                                   "the model's source had none");
  std::string error;
  std::unique_ptr<Tokenizer> tokenizer =
      Tokenizer::create(viewOf(*table), error);
  if (!tokenizer)
    throw Failure(program.path() + ": tokenizer: " + error);
  return tokenizer;
}

std::vector<int64_t> cli::encode(const Tokenizer &tokenizer,
                                 const std::string &text) {
  std::vector<int64_t> ids;
  std::string error;
  if (!tokenizer.encode(text, ids, error))
    throw Failure("tokenizer: " + error);
  return ids;
}

Array cli::makeIds(const Port &input, const int64_t *begin, size_t count) {
  Array array(input.type, {1, int64_t(count)});
  if (input.type == WEFT_I64)
    std::copy(begin, begin + count, array.as<int64_t>());
  else if (input.type == WEFT_I32)
    std::copy(begin, begin + count, array.as<int32_t>());
  else
    throw Failure("input " + input.name + ": expected i64 or i32 but got " +
                  weft_dtype_name(input.type));
  return array;
}
