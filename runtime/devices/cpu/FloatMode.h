//===- FloatMode.h - Denormal numbers count as zero -------------*- C++ -*-===//
//
// Kernels run with denormal inputs and results taken as zero: a denormal costs
// over a hundred cycles on many CPUs, and no model needs it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_DEVICES_CPU_FLOATMODE_H
#define WEFT_DEVICES_CPU_FLOATMODE_H

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

namespace weft {

/// Takes denormals as zero on this thread while it lives, then restores the
/// thread's mode (rounding and exception masks included). Rounding is to
/// nearest and exceptions are masked meanwhile, whatever the caller had.
class FloatMode {
public:
#if defined(__x86_64__)
  FloatMode() : saved(_mm_getcsr()) {
    // All exceptions masked (0x1f80), flush to zero (0x8000), denormals are
    // zero (0x40).
    _mm_setcsr(0x1f80u | 0x8000u | 0x0040u);
  }
  ~FloatMode() { _mm_setcsr(saved); }

private:
  unsigned saved;
#elif defined(__aarch64__)
  FloatMode() {
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
    __asm__ volatile("msr fpcr, %0" : : "r"(1ull << 24));
  }
  ~FloatMode() { __asm__ volatile("msr fpcr, %0" : : "r"(saved)); }

private:
  unsigned long long saved;
#endif
public:
  FloatMode(const FloatMode &) = delete;
  FloatMode &operator=(const FloatMode &) = delete;
};

} // namespace weft

#endif // WEFT_DEVICES_CPU_FLOATMODE_H
