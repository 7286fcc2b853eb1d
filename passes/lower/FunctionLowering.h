//===- FunctionLowering.h - From tensors to buffers -------------*- C++ -*-===//
//
// What a lowering works with: the buffers of tensors, sizes, parameters,
// launches.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_LOWER_FUNCTIONLOWERING_H
#define WEFT_PASSES_LOWER_FUNCTIONLOWERING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "passes/lower/Buffer.h"
#include "passes/lower/ModuleLowering.h"
#include "llvm/ADT/SetVector.h"

namespace weft {

class Registry;

/// A launch: a kernel and what it runs on. Operands of the kernel are the types
/// of the buffers.
struct LaunchSpec {
  llvm::StringRef family;
  llvm::SmallVector<mlir::NamedAttribute> config;
  mlir::AffineMap tasks; // of the scalars, as symbols
  llvm::SmallVector<mlir::Value> buffers;
  IndexExprs scalars;
  llvm::SmallVector<int64_t> writes; // numbers of buffers
  IndexExpr work; // floating-point operations, for profiles; or null
  std::function<void(mlir::OpBuilder &, mlir::Region &)> element;
  std::string label;
};

/// Lowers one function. Tensors are values that never change, buffers are
/// places: the lowering decides which share one. A tensor's buffer is written
/// by the op that makes it, and by nothing else while the tensor is still read.
class FunctionLowering {
public:
  FunctionLowering(ModuleLowering &module, const Registry &registry,
                   mlir::func::FuncOp func);

  mlir::LogicalResult run();

  //===--------------------------------------------------------------------===//
  // For lowerings
  //===--------------------------------------------------------------------===//

  mlir::ImplicitLocOpBuilder b;
  IndexBuilder index;
  Views views;

  ModuleLowering &getModule() { return module; }
  program::FunctionOp getFunction() { return function; }

  /// The buffer of a tensor that is lowered already, or a parameter.
  Buffer getBuffer(mlir::Value tensor);

  /// The buffer with all axes but the last `kept` joined to one, and the last
  /// axis contiguous; a copy where that takes one.
  Buffer getRows(mlir::Value tensor, int64_t kept = 1);

  /// The buffer with a contiguous last axis; a copy where that takes one.
  Buffer getStrided(mlir::Value tensor);

  /// The contiguous buffer, a copy where that takes one.
  Buffer getContiguous(mlir::Value tensor);

  /// A buffer for `tensor`, which the caller writes: where a reader wants it,
  /// or a fresh one. With `kept` all axes but the last `kept` can be joined.
  Buffer allocate(mlir::Value tensor, llvm::ArrayRef<IndexExpr> sizes,
                  int64_t kept = -1);

  /// A buffer for what is no tensor of the function.
  Buffer allocateTemporary(mlir::Type element, llvm::ArrayRef<IndexExpr> sizes);

  /// Joins all axes but the last `kept` of a buffer that `allocate` gave.
  Buffer joinRows(const Buffer &buffer, int64_t kept = 1);

  /// The sizes of a tensor, whether it has a buffer or not.
  IndexExprs getSizes(mlir::Value tensor);

  /// Whether `getSizes` knows them by now.
  bool hasSizes(mlir::Value tensor) const {
    return buffers.contains(tensor) || empties.contains(tensor);
  }

  /// Lets `tensor` be without contents: it gets a buffer only if somebody asks.
  void setEmpty(mlir::Value tensor, llvm::ArrayRef<IndexExpr> sizes);
  bool isEmpty(mlir::Value tensor) const { return empties.contains(tensor); }

  /// Lets `tensor` be `buffer` without writing it.
  void setBuffer(mlir::Value tensor, const Buffer &buffer);

  /// In a loop `carried` is the one tensor in `buffer` that can be read; after
  /// it `result` is.
  void enterLoop(mlir::Value carried, const Buffer &buffer);
  void leaveLoop(mlir::Value result, const Buffer &buffer);

  /// Whether `tensor` may be written over by `op`: nobody reads it after that.
  bool canOverwrite(mlir::Value tensor, mlir::Operation *op);

  /// The buffer that an update of `old` by `op` is written to, as `result`:
  /// that of `old` where nobody needs it any more, else another one with a copy
  /// of it.
  Buffer allocateUpdate(mlir::Value old, mlir::Value result,
                        mlir::Operation *op);

  /// The buffers of a state that `op` carries from `initial`, zeros where that
  /// is null, to `final`: one, where nobody needs the initial state after `op`.
  std::pair<Buffer, Buffer> allocateCarried(mlir::Value initial,
                                            mlir::Value final,
                                            llvm::ArrayRef<IndexExpr> sizes,
                                            mlir::Operation *op);

  void copy(const Buffer &from, const Buffer &to);
  /// Copies as if all at once.
  void copyAll(std::vector<std::pair<Buffer, Buffer>> copies);

  /// An index, or a truth value computed from indices.
  IndexExpr getIndex(mlir::Value value);
  IndexExprs getIndices(llvm::ArrayRef<mlir::OpFoldResult> values);
  void setIndex(mlir::Value value, IndexExpr expr);
  /// Whether what the index is computed from is lowered already.
  bool canGetIndex(mlir::Value value) const;

  /// The packed parameter of `tensor`, which is computed from parameters alone.
  mlir::Value useParameter(mlir::Value tensor,
                           program::LayoutAttrInterface layout);
  /// The panels of such a tensor from row `first` on, which have `layout`.
  mlir::Value useParameterRows(mlir::Value tensor, IndexExpr first,
                               program::PanelsAttr layout);
  mlir::Value useTable(mlir::DenseElementsAttr data);

  void launch(LaunchSpec spec);

  /// The state that `tensor`, an argument, is; null if it is none.
  program::StateOp getState(mlir::Value tensor);
  mlir::Value getStateBuffer(program::StateOp state);
  /// Rows held when the call began, and the row where the first lies.
  IndexExpr getStateLength(program::StateOp state);
  IndexExpr getStateOffset(program::StateOp state);

  /// The buffer of a concat, where an input was computed in its part of it.
  std::optional<Buffer> getConcat(mlir::Value result) const;

  /// The rows of the state that the tokens of this call take.
  Buffer getNewRows(program::StateOp state, llvm::ArrayRef<IndexExpr> sizes);
  /// Whether the operand was computed where its reader wants it.
  bool isInPlace(mlir::OpOperand &use) const { return inPlace.contains(&use); }

  /// Builds at the begin of the function, where everything may use it.
  mlir::Value atEntry(llvm::function_ref<mlir::Value()> build);
  /// Whether ops are built at the top level of the function.
  bool isAtTop() {
    return b.getInsertionBlock() == &function.getBody().front();
  }

  /// The buffer of cosines and sines by what it depends on; null if there is
  /// none.
  using TableKey = std::tuple<mlir::Attribute, void *, void *>;
  mlir::Value getRopeTable(const TableKey &key) const {
    return ropeTables.lookup(key);
  }
  void setRopeTable(const TableKey &key, mlir::Value table) {
    ropeTables[key] = table;
  }

  /// Lowers the ops of a block but for its terminator.
  mlir::LogicalResult lowerBlock(mlir::Block &block);

private:
  mlir::LogicalResult declarePorts();
  mlir::LogicalResult lowerOp(mlir::Operation &op);
  mlir::LogicalResult lowerElement(mlir::tensor::ExtractOp op);
  mlir::LogicalResult lowerReturn();

  /// A place that a reader wants its operand at.
  struct Destination {
    Buffer buffer;
    mlir::OpOperand *use;
  };
  std::optional<Destination> findDestination(mlir::Value tensor,
                                             llvm::ArrayRef<IndexExpr> sizes);
  std::optional<Destination> getDestination(mlir::OpOperand &use,
                                            llvm::ArrayRef<IndexExpr> sizes);

  ModuleLowering &module;
  const Registry &registry;
  mlir::func::FuncOp func;
  program::FunctionOp function;

  llvm::DenseMap<mlir::Value, Buffer> buffers;
  llvm::DenseMap<mlir::Value, IndexExprs> empties;
  llvm::DenseMap<mlir::Value, IndexExpr> indices;
  /// For each root, the tensors that lie in it.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> residents;
  /// Roots whose contents are the function's to change.
  llvm::DenseSet<mlir::Value> owned;
  llvm::DenseMap<mlir::Value, program::StateOp> states;
  llvm::DenseMap<mlir::Operation *, mlir::Value> stateBuffers, stateLengths,
      stateOffsets;
  llvm::DenseMap<mlir::Attribute, mlir::Value> parameters;
  llvm::DenseMap<TableKey, mlir::Value> ropeTables;
  llvm::DenseMap<int64_t, Buffer> outputs; // by number of the result
  llvm::DenseSet<mlir::OpOperand *> inPlace;
  llvm::DenseMap<mlir::Value, Buffer> concats; // results made before their op
  bool hasStates = false;
  IndexExpr tokens;
};

} // namespace weft

#endif // WEFT_PASSES_LOWER_FUNCTIONLOWERING_H
