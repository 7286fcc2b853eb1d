//===- Rows.h - Numbers of the module's rows --------------------*- C++ -*-===//

#ifndef WEFT_COMPILER_ARTIFACT_ROWS_H
#define WEFT_COMPILER_ARTIFACT_ROWS_H

#include "dialects/program/ops/ProgramOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/schema/artifact_generated.h"
#include "llvm/ADT/MapVector.h"
#include <optional>

namespace weft::artifact {

/// The rows of one kind by name; a row's index is its place in the module.
template <typename OpT> class RowsOf {
public:
  explicit RowsOf(mlir::ModuleOp module) {
    for (OpT op : module.getOps<OpT>())
      rows.insert({op.getSymNameAttr(), op});
  }
  /// The row's index; the verifier has seen that the symbol exists.
  uint32_t index(mlir::FlatSymbolRefAttr symbol) const {
    return std::distance(rows.begin(), rows.find(symbol.getAttr()));
  }
  bool contains(mlir::FlatSymbolRefAttr symbol) const {
    return rows.contains(symbol.getAttr());
  }
  OpT lookup(mlir::FlatSymbolRefAttr symbol) const {
    return rows.lookup(symbol.getAttr());
  }
  auto ops() const {
    return llvm::map_range(rows, [](const auto &row) { return row.second; });
  }
  size_t size() const { return rows.size(); }

private:
  llvm::MapVector<mlir::StringAttr, OpT> rows;
};

/// What instructions refer to by number.
struct Rows {
  explicit Rows(mlir::ModuleOp module)
      : parameters(module), states(module), kernels(module) {}

  RowsOf<program::ParameterOp> parameters;
  RowsOf<program::StateOp> states;
  RowsOf<program::KernelOp> kernels;
};

/// The artifact's name of an element type; none if it has none.
std::optional<fb::DataType> dataTypeOf(mlir::Type type);

/// Bytes that an element takes in memory.
int64_t elementBytes(mlir::Type type);

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_ROWS_H
