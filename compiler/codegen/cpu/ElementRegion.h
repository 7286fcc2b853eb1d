//===- ElementRegion.h - Element-wise regions on vectors --------*- C++ -*-===//
//
// A family's region describes one element. Here it is built for all lanes of a
// vector at once.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_ELEMENTREGION_H
#define WEFT_CODEGEN_CPU_ELEMENTREGION_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

/// What an argument or a value of a region is in the lanes of a vector.
class LaneValue {
public:
  /// The same in every lane; a memref is of this kind too.
  static LaneValue uniform(mlir::Value scalar) { return {scalar, {}, 0}; }
  /// An index: `first` in the first lane, one more in each next.
  static LaneValue consecutive(mlir::Value first) { return {first, {}, 1}; }
  /// Anything, of the element type or for an index of i32: sizes and positions
  /// are below 2^31.
  static LaneValue varying(mlir::Value vector) { return {{}, vector, 0}; }

  bool isUniform() const { return scalar && step == 0; }
  bool isConsecutive() const { return scalar && step == 1; }
  mlir::Value getScalar() const { return scalar; }
  /// As a vector of so many lanes.
  mlir::Value getVector(KernelBuilder &b, int64_t lanes) const;

private:
  LaneValue(mlir::Value scalar, mlir::Value vector, int64_t step)
      : scalar(scalar), vector(vector), step(step) {}
  mlir::Value scalar, vector;
  int64_t step;
};

/// Builds `region` for `lanes` lanes and returns what it yields. Loads of
/// memrefs become a scalar load where all indices are uniform, a vector load
/// where only the last is consecutive and the axis is contiguous, a gather
/// otherwise; with `mask`, lanes outside are not touched. Fails with an error
/// on the op that has no vector form.
mlir::FailureOr<llvm::SmallVector<LaneValue>>
buildElements(KernelBuilder &b, mlir::Region &region,
              llvm::ArrayRef<LaneValue> arguments, int64_t lanes,
              mlir::Value mask = {});

/// The same for regions of floats with one result: the result as a vector.
mlir::FailureOr<mlir::Value> buildElement(KernelBuilder &b,
                                          mlir::Region &region,
                                          llvm::ArrayRef<LaneValue> arguments,
                                          int64_t lanes, mlir::Value mask = {});

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ELEMENTREGION_H
