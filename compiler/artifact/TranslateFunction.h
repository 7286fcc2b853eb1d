//===- TranslateFunction.h - program.function to a table --------*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_TRANSLATEFUNCTION_H
#define WEFT_COMPILER_ARTIFACT_TRANSLATEFUNCTION_H

#include "compiler/artifact/Rows.h"

namespace weft::artifact {

/// Translates a function whose memory is planned. Reports what an artifact
/// cannot express as an error on the op, and then returns null.
std::unique_ptr<fb::FunctionT> translateFunction(program::FunctionOp function,
                                                 const Rows &rows);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_TRANSLATEFUNCTION_H
