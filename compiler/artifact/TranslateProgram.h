//===- TranslateProgram.h - A program module to tables ----------*- C++ -*-===//
//
// One op, one table: functions, states, kernels and parameters of a
// PROGRAM-level module become the rows of runtime/schema/artifact.fbs. What the
// module does not say (code, tokenizer, metadata) is added by those who have
// it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_COMPILER_ARTIFACT_TRANSLATEPROGRAM_H
#define WEFT_COMPILER_ARTIFACT_TRANSLATEPROGRAM_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/schema/artifact_generated.h"

namespace weft::artifact {

/// The tables of `module`: functions, states, kernels with the scratch that
/// they need in bytes, in the order of the module, and parameters placed one
/// after the other in segment 0, whose size is set. Fails with errors on the
/// ops.
std::unique_ptr<fb::ProgramT>
translateProgram(mlir::ModuleOp module, llvm::ArrayRef<uint64_t> kernelScratch);

/// The FlatBuffer of the tables. Its size does not depend on the values of
/// numbers, so that it is known before hashes are.
flatbuffers::DetachedBuffer serialize(const fb::ProgramT &program);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_TRANSLATEPROGRAM_H
