//===- Text.h - Texts as token ids of an artifact ---------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_TEXT_H
#define WEFT_TOOLS_WEFT_COMMON_TEXT_H

#include "compiler/tools/weft/common/Runtime.h"
#include "runtime/tokenizer/Tokenizer.h"

namespace weft::cli {

/// The tokenizer of an artifact, which must outlive it. Fails if it has none.
std::unique_ptr<Tokenizer> loadTokenizer(const Program &program);

/// The ids of a text, with the special tokens that the model wants around it.
std::vector<int64_t> encode(const Tokenizer &tokenizer,
                            const std::string &text);

/// An i64 or i32 array [1, ids], as `input` wants it.
Array makeIds(const Port &input, const int64_t *begin, size_t count);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_TEXT_H
