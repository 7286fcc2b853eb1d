//===- SampleInputs.h - Plausible inputs for timing -------------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_MEASURE_SAMPLEINPUTS_H
#define WEFT_TOOLS_WEFT_MEASURE_SAMPLEINPUTS_H

#include "compiler/tools/weft/common/Runtime.h"

namespace weft::cli {

/// An array of `dims` that holds the fallback of `port`.
Array makeFallback(const Port &port, const std::vector<int64_t> &dims);

/// The symbol that counts tokens: that of the second axis of an input of rank 2
/// or more, of the first axis otherwise. None if no input has a dynamic axis
/// there.
std::optional<size_t> findTokensSymbol(const Function &function);

/// Inputs with `tokens` along the sequence and 1 along other dynamic axes; the
/// same numbers at each call. Integers are small token ids, `attention_mask` is
/// 1, `token_type_ids` 0, floats lie between -1 and 1.
std::vector<Array> makeSampleInputs(const Function &function, int64_t tokens);

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_MEASURE_SAMPLEINPUTS_H
