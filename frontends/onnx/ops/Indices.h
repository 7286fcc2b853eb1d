//===- Indices.h - Indices that are data ----------------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_OPS_INDICES_H
#define WEFT_FRONTENDS_ONNX_OPS_INDICES_H

#include "frontends/onnx/GraphBuilder.h"

namespace weft::onnx {

/// A place that can be read, and whether it is the one that was asked for.
struct SafeIndex {
  mlir::Value place, isInside;
};

/// An integer as a place on an axis; a negative one counts from the end.
SafeIndex buildSafeIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value index,
                         mlir::Value length);

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_OPS_INDICES_H
