//===- ScoreRange.h - What scores of a region may be ------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_ATTENTION_SCORERANGE_H
#define WEFT_CODEGEN_CPU_ATTENTION_SCORERANGE_H

#include "mlir/IR/Region.h"

namespace weft::cpu {

/// A number c, infinity if none is known, so that what the region of a kernel
/// yields first lies in [-c, c] or is not a number, whatever its arguments are.
double getLargestScore(mlir::Region &region);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_ATTENTION_SCORERANGE_H
