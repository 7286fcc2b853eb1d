//===- MachinePeak.h - What this machine can do -----------------*- C++ -*-===//

#ifndef WEFT_TEST_KERNELS_MACHINEPEAK_H
#define WEFT_TEST_KERNELS_MACHINEPEAK_H

#include <cstddef>

namespace weft::test {

/// f32 operations a second of one thread in FMA on vectors of 256 or 512 bits.
double measurePeakFlops(unsigned vectorBits);

/// Operations a second of one thread in products of tiles (AMX) of bf16, or of
/// bytes, that are not zero. The process must have asked for tiles.
double measureTilePeakFlops(bool ofBytes = false);

/// Operations a second of one thread in dot products of bytes (AVX-512 VNNI).
double measureDotPeakFlops();

/// Bytes a second of one thread that reads `bytes` again and again.
double measureReadBandwidth(size_t bytes, unsigned vectorBits);

} // namespace weft::test

#endif // WEFT_TEST_KERNELS_MACHINEPEAK_H
