//===- Windows.h - Windows that move over axes ----------------------------===//

#ifndef WEFT_FRONTENDS_ONNX_OPS_WINDOWS_H
#define WEFT_FRONTENDS_ONNX_OPS_WINDOWS_H

#include "frontends/onnx/Node.h"

namespace weft::onnx {

/// A window over the last axes of a tensor, the spatial ones.
struct Window {
  llvm::SmallVector<int64_t> kernel, strides, dilations;
  /// What is put before and after each axis, and how much of the latter was
  /// asked for: a window that is cut off by rounding up takes more.
  Sizes before, after, asked;
  Sizes sizes; ///< Places of the window.

  int64_t rank() const { return int64_t(kernel.size()); }
  /// From its first element to its last.
  int64_t getExtent(int64_t axis) const {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode of a node whose
/// window `kernel` moves over axes of these sizes.
mlir::FailureOr<Window> readWindow(Node &n, llvm::ArrayRef<Size> spatial,
                                   llvm::ArrayRef<int64_t> kernel);
/// A list of one positive number for each axis, ones by default.
mlir::FailureOr<llvm::SmallVector<int64_t>>
readSteps(Node &n, llvm::StringRef name, int64_t rank);

/// The tensor with `fill` before and after its last axes.
Tensor pad(GraphBuilder &g, const Tensor &x, llvm::ArrayRef<Size> before,
           llvm::ArrayRef<Size> after, mlir::TypedAttr fill);

/// Loops over a tensor of windows: outer axes, places, elements of a window.
struct WindowLoops {
  WindowLoops(GraphBuilder &g, llvm::ArrayRef<Size> outer,
              const Window &window);
  Sizes loops;
  llvm::SmallVector<int64_t> kept; ///< All but elements of a window.
  /// Of a tensor of outer axes and padded ones, of results, and of `taps`.
  mlir::AffineMap input, result, tapMap;
  Tensor taps; ///< As many ones as a window has elements, whose loops it sizes.
};

} // namespace weft::onnx

#endif // WEFT_FRONTENDS_ONNX_OPS_WINDOWS_H
