//===- Parameters.h - Trained tensors by name, as weft.parameter ----------===//

#ifndef WEFT_FRONTENDS_COMMON_PARAMETERS_H
#define WEFT_FRONTENDS_COMMON_PARAMETERS_H

#include "frontends/formats/common/Tensors.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <functional>

namespace weft {

/// The tensors of a model's files, taken by the names that its description
/// uses. Each tensor that is used becomes one `weft.parameter` of the module.
/// As `Config`, it keeps the first error, so that a description reads without
/// checks; after an error, values are of the right type and the module is of no
/// use.
class Parameters {
public:
  /// Gives the name in the files of a name in the description.
  using Rename = std::function<std::string(llvm::StringRef)>;

  /// `source` is the file or directory to name where a tensor is missing.
  Parameters(const formats::TensorStore &store, std::string source,
             mlir::ModuleOp module, Rename rename = nullptr);

  /// Whether the files hold the tensor. Does not count as using it.
  bool has(llvm::StringRef name) const;
  /// The tensor, or null.
  const formats::TensorInfo *find(llvm::StringRef name) const;
  const formats::TensorStore &getStore() const { return store; }

  /// The value of a parameter in the storage of its file, after a check of its
  /// shape. `inFile` is the shape there if it is written differently (a size of
  /// 1 more or less); the elements are the same.
  mlir::Value use(mlir::ImplicitLocOpBuilder &b, llvm::StringRef name,
                  llvm::ArrayRef<int64_t> shape,
                  llvm::ArrayRef<int64_t> inFile = {});

  /// The same as f32: `weft.dequantize` of what is stored otherwise.
  mlir::Value useFloat(mlir::ImplicitLocOpBuilder &b, llvm::StringRef name,
                       llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<int64_t> inFile = {});

  /// Tensors that may lie in the files without being used. A `*` at the begin
  /// or the end of a pattern stands for anything.
  void ignore(llvm::ArrayRef<llvm::StringRef> patterns);

  /// Records an error at a tensor, named as in the description.
  void fail(llvm::StringRef name, std::string message);
  bool ok() const { return bool(status); }

  /// The first error; else an error for a tensor that nobody used, which a
  /// description must not pass over in silence; else success.
  formats::Status finish() const;

private:
  const formats::TensorInfo *check(llvm::StringRef name,
                                   llvm::ArrayRef<int64_t> shape);
  mlir::Type getElementType(mlir::MLIRContext *context, llvm::StringRef name,
                            formats::DataType type);

  const formats::TensorStore &store;
  std::string source;
  mlir::ModuleOp module;
  Rename rename;
  /// Types of the parameters declared so far, by their names in the
  /// description.
  llvm::StringMap<mlir::RankedTensorType> declared;
  llvm::StringSet<> used;
  std::vector<std::string> ignored;
  formats::Status status;
};

} // namespace weft

#endif // WEFT_FRONTENDS_COMMON_PARAMETERS_H
