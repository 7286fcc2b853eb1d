//===- Numbers.h - The numbers that are packed ------------------*- C++ -*-===//

#ifndef WEFT_CODEGEN_COMMON_PACKING_NUMBERS_H
#define WEFT_CODEGEN_COMMON_PACKING_NUMBERS_H

#include "dialects/weft/ops/WeftOps.h"
#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/common/DataType.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <optional>

namespace weft::packing {

/// Finds the bytes of a file that a `weft.parameter` names; none if it is not
/// open.
using FindFile =
    std::function<std::optional<formats::Bytes>(llvm::StringRef path)>;

/// A row-major tensor: stored in a file, or computed.
class Numbers {
public:
  /// The bytes of `parameter`. Reports a file that is not there, a type that no
  /// file has, or bytes outside the file.
  static mlir::FailureOr<Numbers> stored(ParameterOp parameter,
                                         const FindFile &findFile);
  static Numbers computed(mlir::ArrayRef<int64_t> shape,
                          std::vector<double> values);

  mlir::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t size() const;
  /// The scheme of blocks, or null.
  SchemeAttrInterface getScheme() const { return scheme; }
  /// The bytes of a stored tensor of `type`; none otherwise.
  std::optional<formats::Bytes> bytesIf(mlir::Type type) const;

  /// Writes the numbers [first, first + count) to `out`; blocks are whole.
  void read(int64_t first, int64_t count, float *out) const;
  /// As `read`, without rounding what was computed.
  void read(int64_t first, int64_t count, double *out) const;

private:
  llvm::SmallVector<int64_t> shape;
  std::vector<double> values; // computed
  formats::Bytes bytes;       // stored
  formats::DataType type = {};
  mlir::Type element;
  SchemeAttrInterface scheme;
};

/// Writes one number as `type`: f16 and bf16 rounded to nearest even.
void writeNumber(double value, mlir::Type type, llvm::raw_ostream &out);
void writeNumber(float value, mlir::Type type, uint8_t *out);

} // namespace weft::packing

#endif // WEFT_CODEGEN_COMMON_PACKING_NUMBERS_H
