//===- Explain.h - Which lowering each op took ------------------*- C++ -*-===//

#ifndef WEFT_COMPILER_PIPELINES_EXPLAIN_H
#define WEFT_COMPILER_PIPELINES_EXPLAIN_H

#include "mlir/IR/BuiltinOps.h"
#include <functional>

namespace weft {

/// Hands the tables that `weft-lower-to-program` left on the functions of
/// `module` to `print`, line by line, and removes them.
void takeExplanations(mlir::ModuleOp module,
                      const std::function<void(const std::string &)> &print);

} // namespace weft

#endif // WEFT_COMPILER_PIPELINES_EXPLAIN_H
