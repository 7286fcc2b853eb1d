//===- Precision.h - How exact products of matrices are ---------*- C++ -*-===//
//
// What `weft.linear` may round, as the attribute `weft.precision` of the op, of
// its function or of the module says. Sums are f32, but of f64; factors are
//
//   f64    as they are, and sums are f64: results are rounded once
//   f32    as they are
//   split  two bf16 each, 16 bits and more
//   bf16   one bf16 each
//   int8   eight bits each, times a scale of the row and one of the output;
//          sums of products are of integers, exact, the same at all levels
//   int8-groups
//          the same where weights are numbers; those that are blocks keep their
//          codes and scales, and a row has a scale for each 32 numbers
//
// With split and bf16 a level without a matrix unit may be more exact: it takes
// the same packed weights, and rows as they are.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_LOWER_LINEAR_PRECISION_H
#define WEFT_PASSES_LOWER_LINEAR_PRECISION_H

#include "dialects/program/layouts/Layouts.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace weft {

enum class Precision { F64, F32, Split, Bf16, Int8Groups, Int8 };

/// What is known about a precision.
struct PrecisionFacts {
  Precision precision;
  llvm::StringRef name;   ///< As in `--precision`.
  llvm::StringRef kernel; ///< As in the config of a kernel of family linear.
  int64_t parts;          ///< Of a factor; 0: it is not rounded.
  int64_t partBits;       ///< 16: a part is bf16; 8: i8.
  /// Error of a sum of products of normal numbers, root of the mean square,
  /// relative to that of the sum.
  double error;
  /// How long many rows take, f32 being 1: with a matrix unit, and with dot
  /// products of bytes in vectors. Measured, see
  /// bench/results/kernels-precision.md.
  double tileTime, dotTime;

  /// Bytes of a number in parts.
  int64_t getBytes() const { return parts ? parts * partBits / 8 : 4; }
};

/// All, the most exact first.
llvm::ArrayRef<PrecisionFacts> getPrecisions();
const PrecisionFacts &getFacts(Precision precision);
std::optional<Precision> parsePrecision(llvm::StringRef name);

/// What `weft.precision` says for `op`; f32 without it. Reports a name that is
/// not known.
mlir::FailureOr<Precision> getPrecision(mlir::Operation *op);

/// How a weight of `type` [N, K] is packed. Blocks stay as they are: kernels
/// take them apart panel by panel, so that they are stored once and small.
/// Other numbers become tiles; a second part only where it says something. With
/// int8 all become tiles of codes, with int8-groups those that are no blocks.
program::PanelsAttr getWeightLayout(mlir::RankedTensorType type,
                                    Precision precision);

} // namespace weft

#endif // WEFT_PASSES_LOWER_LINEAR_PRECISION_H
