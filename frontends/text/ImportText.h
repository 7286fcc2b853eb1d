//===- ImportText.h - Functions of a text from other texts ------*- C++ -*-===//

#ifndef WEFT_FRONTENDS_TEXT_IMPORTTEXT_H
#define WEFT_FRONTENDS_TEXT_IMPORTTEXT_H

#include "frontends/formats/common/Error.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace weft {

/// Reads the text at a path into a module that is not verified yet.
using TextParser =
    llvm::function_ref<formats::Expected<mlir::OwningOpRef<mlir::ModuleOp>>(
        const std::string &path)>;

/// Puts the body of each function that `module`, the text at `path`, calls in
/// the place of the call: functions of the files that its `weft.import` name,
/// those that they import, and its own private ones. What is then left over is
/// dropped. The module need not verify before; it is not verified here.
formats::Status resolveImports(mlir::ModuleOp module, const std::string &path,
                               TextParser parse);

} // namespace weft

#endif // WEFT_FRONTENDS_TEXT_IMPORTTEXT_H
