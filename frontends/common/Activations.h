//===- Activations.h - Pointwise functions of models ----------------------===//

#ifndef WEFT_FRONTENDS_COMMON_ACTIVATIONS_H
#define WEFT_FRONTENDS_COMMON_ACTIVATIONS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <string>
#include <vector>

namespace weft {

/// A pointwise function of f32 values.
enum class Activation {
  Relu,
  /// x / (1 + exp(-x)); also called swish.
  Silu,
  /// x (1 + erf(x / sqrt 2)) / 2
  Gelu,
  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
  GeluTanh,
  /// x / (1 + exp(-1.702 x))
  QuickGelu,
  Tanh,
  Sigmoid,
  /// log(1 + exp(x)), x itself above 20 (as PyTorch's)
  Softplus,
};

/// Builds the function on a scalar.
mlir::Value buildActivation(mlir::ImplicitLocOpBuilder &b,
                            Activation activation, mlir::Value x);

/// Builds x + constant, x * constant and cap tanh(x / cap) on a scalar.
mlir::Value buildAddConstant(mlir::ImplicitLocOpBuilder &b, mlir::Value x,
                             double constant);
mlir::Value buildScale(mlir::ImplicitLocOpBuilder &b, mlir::Value x,
                       double factor);
mlir::Value buildCap(mlir::ImplicitLocOpBuilder &b, mlir::Value x, double cap);

/// The names that Hugging Face configurations use, for `Config::getChoice`.
const std::vector<std::string> &getActivationNames();
/// The function of one of these names.
Activation parseActivation(const std::string &name);

} // namespace weft

#endif // WEFT_FRONTENDS_COMMON_ACTIVATIONS_H
