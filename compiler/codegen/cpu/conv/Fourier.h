//===- Fourier.h - Fourier transforms of columns ----------------*- C++ -*-===//
//
// Complex numbers lie in rows of a buffer [rows, 2 lanes]: of each row first
// the real parts of `lanes` columns, then the imaginary parts. Columns are
// transformed beside each other, so that nothing crosses lanes. The size is a
// power of two, known when the kernel runs.
//
// Forward steps halve the sequence by differences (decimation in frequency):
// they take rows in their order and leave row k at the place whose bits are
// those of k from the last to the first. Inverse steps take them from there, so
// rows are never brought back into order. Two steps are done at once; as soon
// as the rest fits into the first cache it is finished there, a part at a time.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_CONV_FOURIER_H
#define WEFT_CODEGEN_CPU_CONV_FOURIER_H

#include "compiler/codegen/cpu/KernelBuilder.h"

namespace weft::cpu {

class Fourier {
public:
  using Value = mlir::Value;
  using Index = KernelBuilder::Index;

  /// A complex number in each lane.
  struct Complex {
    Value re, im;
  };

  /// `roots` is a buffer [rows, 6] of f32: row n / 4 + j holds W^j, W^2j and
  /// W^3j for W = exp(-2 pi i / n), of every power of two n from 4 to the size
  /// and j < n / 4.
  Fourier(KernelBuilder &b, Value roots) : b(b), roots(roots) {}

  /// Transforms `size` = 2^`log` rows of `data`, at least 4.
  void forward(Value data, Value size, Value log);
  /// The inverse, times `size`.
  void inverse(Value data, Value size, Value log);

  Complex load(Value data, Index row);
  void store(Complex number, Value data, Index row);
  Complex add(Complex x, Complex y);
  Complex sub(Complex x, Complex y);
  /// x y, or x times the conjugate of y.
  Complex mul(Complex x, Complex y);
  Complex mulConjugate(Complex x, Complex y);

private:
  /// What of the steps is done over all rows, and in parts of `size` = 2^`log`.
  struct Cut {
    Value steps, size, log, steps2;
  };
  Cut cut(Value size, Value log);
  /// Two steps of rows [from, from + size), in groups of `length`.
  void forwardStep(Value data, Value from, Value size, Value length);
  void inverseStep(Value data, Value from, Value size, Value length);
  void forGroups(Value data, Value from, Value size, Value length,
                 llvm::function_ref<void(const Value (&rows)[4],
                                         const Complex (&roots)[3])>
                     body);
  /// The step of neighbours, its own inverse.
  void pairStep(Value data, Value from, Value size);
  Value shiftLeft(Index value, Value count);
  Value shiftRight(Index value, Value count);

  KernelBuilder &b;
  Value roots;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_CONV_FOURIER_H
