//===- LoadAndRun.h - Everything that a hostile artifact can reach -*- C++ -*-//

#ifndef WEFT_TEST_LOADANDRUN_H
#define WEFT_TEST_LOADANDRUN_H

#include <cstddef>
#include <cstdint>

namespace weft::test {

/// Loads a file, asks for all that it holds, and runs each of its functions on
/// inputs that fit, with kernels that do nothing (what native code does cannot
/// be checked). Returns whether it loaded. With `needsCode`, loads it once with
/// its own code too, without running that.
bool loadAndRun(const uint8_t *data, size_t bytes, bool needsCode);

} // namespace weft::test

#endif // WEFT_TEST_LOADANDRUN_H
