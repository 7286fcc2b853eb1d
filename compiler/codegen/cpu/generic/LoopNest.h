//===- LoopNest.h - What a generic kernel loops over ------------*- C++ -*-===//
//
// The description of a kernel of family `generic`, read from its config, and
// the choice of the loop that runs in the lanes of vectors.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_GENERIC_LOOPNEST_H
#define WEFT_CODEGEN_CPU_GENERIC_LOOPNEST_H

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace weft::cpu {

/// How an operand moves with the loop in lanes.
enum class LaneAccess {
  Same,        ///< The same element for all lanes.
  Consecutive, ///< Neighbours in memory.
  Scattered    ///< Anything else: lane by lane.
};

struct LoopNest {
  static mlir::FailureOr<LoopNest> read(program::KernelOp kernel);

  unsigned getNumLoops() const { return iterators.size(); }
  bool isParallel(unsigned loop) const {
    return iterators[loop] == mlir::utils::IteratorType::parallel;
  }
  /// How operand number `operand`, of `type`, moves along `loop`.
  LaneAccess getAccess(unsigned operand, mlir::MemRefType type,
                       unsigned loop) const;

  llvm::SmallVector<mlir::AffineMap> maps; ///< One for each input and output.
  llvm::SmallVector<mlir::utils::IteratorType> iterators;
  unsigned inputs = 0, outputs = 0;
  bool readsOutputs = false;
  int64_t taskLoop = -1, iterationsPerTask = 1;
};

/// What runs in the lanes: no loop, a parallel one (a lane an element of the
/// outputs), or a reduction (a lane a part of the sum).
struct LaneChoice {
  enum Kind { Scalar, Parallel, Reduction } kind = Scalar;
  unsigned loop = 0;
};

/// `body` is the element region, which vectors must be able to run.
LaneChoice chooseLanes(const LoopNest &nest, program::KernelOp kernel,
                       mlir::Region &body);

/// The op of `body` that takes output `number` further, if it is nothing but a
/// combination with a neutral element, such as a sum; null otherwise.
mlir::Operation *getCombiner(const LoopNest &nest, mlir::Region &body,
                             unsigned number);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_GENERIC_LOOPNEST_H
