//===- Norms.h - Normalisation that other operators use -------------------===//

#ifndef WEFT_FRONTENDS_ONNX_OPS_NORMS_H
#define WEFT_FRONTENDS_ONNX_OPS_NORMS_H

#include "frontends/onnx/GraphBuilder.h"

namespace weft::onnx {

/// Logarithms of the softmax along an axis, computed in f32.
mlir::FailureOr<Tensor> buildLogSoftmax(GraphBuilder &g, const Tensor &x,
                                        int64_t axis, mlir::Type element);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_OPS_NORMS_H
