//===- Products.h - Products that other operators use ---------------------===//

#ifndef WEFT_FRONTENDS_ONNX_OPS_PRODUCTS_H
#define WEFT_FRONTENDS_ONNX_OPS_PRODUCTS_H

#include "frontends/onnx/Node.h"

namespace weft::onnx {

/// The product of matrices, or of batches of them, as MatMul says.
mlir::FailureOr<Tensor> buildMatMul(Node &n, const Tensor &x, const Tensor &y);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_OPS_PRODUCTS_H
