//===- ModuleLowering.h - Kernels and states of a module --------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_MODULELOWERING_H
#define WEFT_PASSES_LOWER_MODULELOWERING_H

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "passes/lower/ParameterValues.h"
#include "llvm/ADT/StringSet.h"

namespace weft {

/// How long pieces may be, and how many sequences a call may take.
struct LowerOptions {
  int64_t maxTokens = 512;    // of a piece, see `weft.stream`
  int64_t maxSequence = 4096; // of a function without states
  int64_t maxBatch = 64;
  bool explain = false;
};

/// What a kernel is, before it has a name.
struct KernelSpec {
  llvm::StringRef family;
  llvm::SmallVector<mlir::NamedAttribute> config;
  /// The number of tasks from the scalars, which are its symbols.
  mlir::AffineMap tasks;
  llvm::SmallVector<mlir::Type> operands;
  int64_t scalars = 0;
  /// Fills the element region; none without it.
  std::function<void(mlir::OpBuilder &, mlir::Region &)> element;
};

/// The symbols that the functions of a module share. Equal ones are one.
class ModuleLowering {
public:
  ModuleLowering(mlir::ModuleOp module, const LowerOptions &options)
      : options(options), module(module), symbols(module) {}

  mlir::FlatSymbolRefAttr getKernel(mlir::Location loc, const KernelSpec &spec);

  /// Where the panels of some rows lie in a packed parameter.
  struct Part {
    program::ParameterOp parameter;
    int64_t offset; // bytes
  };

  /// The panels of `tensor` among those of a stack that is packed already:
  /// layers whose weights are stacked in one function need not be stacked in
  /// another.
  std::optional<Part> findPart(mlir::Value tensor,
                               program::PanelsAttr layout) const;

  /// A parameter that packs `tensor`, which is computed from parameters alone.
  program::ParameterOp getParameter(mlir::Value tensor,
                                    program::LayoutAttrInterface layout);
  /// A parameter that holds `data`.
  program::ParameterOp getParameter(mlir::Location loc,
                                    mlir::DenseElementsAttr data);

  /// The state `name`, that a function takes as `type`. Fails, with an error at
  /// `loc`, where another function takes it otherwise.
  mlir::FailureOr<program::StateOp> getState(mlir::Location loc,
                                             llvm::StringRef name,
                                             Growth growth,
                                             mlir::RankedTensorType type);

  /// Whether some function multiplies by the parameter `name`.
  bool isWeight(llvm::StringRef name);

  mlir::ModuleOp getModule() { return module; }
  const LowerOptions options;

private:
  program::ParameterOp addParameter(program::ParameterOp parameter);
  mlir::OpBuilder atEnd();

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  /// By the text of the op without its name.
  llvm::StringMap<mlir::Operation *> unique;
  llvm::StringMap<int64_t> counts;
  std::optional<llvm::StringSet<>> weights;
};

} // namespace weft

#endif // WEFT_PASSES_LOWER_MODULELOWERING_H
