//===- PackedWeights.h - Random weights in panels ---------------*- C++ -*-===//

#ifndef WEFT_TEST_KERNELS_PACKEDWEIGHTS_H
#define WEFT_TEST_KERNELS_PACKEDWEIGHTS_H

#include "test/kernels/KernelCase.h"

namespace weft::test {

/// Random weights of rows x columns, packed as `#program.panels` says. Written
/// from that description alone, so that it checks packers and emitters.
struct PackedWeights {
  /// `storage` is f32, f16, bf16, "bf16 tiles" (the numbers are bf16), "split
  /// tiles" (the numbers are f32), "int8 tiles" (so are they, with codes beside
  /// them) or a block scheme such as q4_1; numbers are of about `deviation`.
  PackedWeights(Random &random, const std::string &storage, int64_t rows,
                int64_t columns, double deviation, int64_t width = 48);

  std::string layout;         ///< The attribute as text.
  std::vector<uint8_t> bytes; ///< As packed.
  std::vector<double> dense;  ///< The numbers, [rows][columns].
  std::vector<int> codes;     ///< Of int8 tiles and blocks, [rows][columns].
  std::vector<float> scales;  ///< Of int8 tiles, [rows]; of blocks, [rows]
  std::vector<float> minima;  ///< [columns / group], as these are. Or none.
  int64_t group = 0;          ///< Columns of a group of blocks.
};

} // namespace weft::test

#endif // WEFT_TEST_KERNELS_PACKEDWEIGHTS_H
