//===- ModelBuilder.h - Descriptions of models that read like the model ---===//
//
// A family's description is a C++ function over these helpers: each makes the
// ops of a line of a paper, with parameters taken by name. Tensors are as in
// docs/model-level.md: B x T x channels, heads as B x T x heads x channels.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_COMMON_MODELBUILDER_H
#define WEFT_FRONTENDS_COMMON_MODELBUILDER_H

#include "frontends/common/Activations.h"
#include "frontends/common/Parameters.h"
#include "frontends/common/Rope.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>

namespace weft {

/// What a linear layer has beside its weights.
struct LinearOptions {
  /// A bias `<name>.bias`.
  bool bias = false;
  /// On product plus bias.
  std::optional<Activation> activation;
  /// A factor on what that gives.
  double scale = 1.0;
  /// Then y = cap tanh(y / cap); 0: not.
  double cap = 0.0;
  /// Added last; shaped as the result.
  mlir::Value residual;
};

struct AttentionOptions {
  /// Names the states that a stream keeps: `<name>.key`, `<name>.value`.
  std::string name;
  bool causal = false;
  /// A query sees at most so many keys, itself included; 0: all.
  int64_t window = 0;
  /// B x T of i64: keys where it is zero are not seen.
  mlir::Value valid;
  /// On products of queries and keys; 1 / sqrt(channels) if not given.
  std::optional<double> scale;
  /// Then s = cap tanh(s / cap); 0: not.
  double cap = 0.0;
};

/// An input of a function: ids or a mask, B x T of i64.
struct TokenInput {
  llvm::StringRef name;
  /// The value that stands for the input where a caller does not give it.
  std::optional<int64_t> fallback;
};

class ModelBuilder {
public:
  ModelBuilder(mlir::ModuleOp module, Parameters &parameters);

  /// Starts a function of B x T inputs that run along the sequence, and returns
  /// them. `isStream` marks it for the derivation of pieces.
  llvm::SmallVector<mlir::Value>
  beginFunction(llvm::StringRef name, llvm::ArrayRef<TokenInput> inputs,
                bool isStream);
  /// Starts a function of one input B x shape of f32, which is no sequence, and
  /// returns it.
  mlir::Value beginImageFunction(llvm::StringRef name,
                                 llvm::StringRef inputName,
                                 llvm::ArrayRef<int64_t> shape);
  /// Ends it with one named result.
  void endFunction(llvm::StringRef resultName, mlir::Value result);

  /// Rows of `<name>.weight`, rows x channels, by ids.
  mlir::Value embed(mlir::Value ids, llvm::StringRef name, int64_t rows,
                    int64_t channels);
  /// B x T positions of tokens, plus an offset.
  mlir::Value positions(mlir::Value ids, int64_t offset = 0);

  /// x times `<name>.weight`, outputs x inputs, transposed.
  mlir::Value linear(mlir::Value x, llvm::StringRef name, int64_t outputs,
                     const LinearOptions &options = {});
  /// The same where `shape` is how the file has the weights: `outputs` first.
  mlir::Value linearOf(mlir::Value x, llvm::StringRef name,
                       llvm::ArrayRef<int64_t> shape,
                       const LinearOptions &options = {});
  /// The same with the weights stored inputs x outputs (GPT-2's Conv1D).
  mlir::Value linearTransposed(mlir::Value x, llvm::StringRef name,
                               int64_t outputs,
                               const LinearOptions &options = {});
  /// activation(x gate) * (x up), without or with both biases.
  mlir::Value gatedLinear(mlir::Value x, llvm::StringRef gate,
                          llvm::StringRef up, int64_t outputs,
                          Activation activation, bool bias = false);

  /// Norms over the last axis with `<name>.weight` (and `<name>.bias`).
  /// `offset` is added to the weights.
  mlir::Value rmsNorm(mlir::Value x, llvm::StringRef name, double epsilon,
                      double offset = 0.0);
  mlir::Value layerNorm(mlir::Value x, llvm::StringRef name, double epsilon);

  /// B x T x (heads · d) to B x T x heads x d, and back.
  mlir::Value splitHeads(mlir::Value x, int64_t heads);
  mlir::Value joinHeads(mlir::Value x);
  /// Channels [begin, begin + size) of the last axis.
  mlir::Value slice(mlir::Value x, int64_t begin, int64_t size);
  /// One token of each sequence: B x T x channels to B x 1 x channels.
  mlir::Value token(mlir::Value x, int64_t number);

  mlir::Value rope(mlir::Value x, const Rope &rope);
  mlir::Value attention(mlir::Value q, mlir::Value k, mlir::Value v,
                        const AttentionOptions &options);

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value scale(mlir::Value x, double factor);
  /// A function of elements, built on scalars. Inputs are shaped as the first,
  /// or are one value for each place along its last axes.
  using Pointwise = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &,
                                                   mlir::ValueRange)>;
  mlir::Value pointwise(mlir::ValueRange inputs, Pointwise body);

  /// Names the ops that follow, for diagnostics and traces.
  void setName(llvm::StringRef name);
  /// Names an op that keeps a state, for good.
  void nameState(mlir::Operation *op, llvm::StringRef name);

  mlir::ImplicitLocOpBuilder &getBuilder() { return b; }
  Parameters &getParameters() { return parameters; }

private:
  mlir::Value buildLinear(mlir::Value x, mlir::ValueRange weights,
                          mlir::ValueRange extras, int64_t outputs,
                          Pointwise combine);
  mlir::Value finishLinear(mlir::Value x, mlir::Value weights,
                           llvm::StringRef name, int64_t outputs,
                           const LinearOptions &options);
  int64_t getChannels(mlir::Value x);

  mlir::ImplicitLocOpBuilder b;
  mlir::ModuleOp module;
  Parameters &parameters;
  mlir::func::FuncOp function;
};

} // namespace weft

#endif // WEFT_FRONTENDS_COMMON_MODELBUILDER_H
