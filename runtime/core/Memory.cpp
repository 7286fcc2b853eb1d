//===- Memory.cpp - Anonymous pages ---------------------------------------===//

#include "runtime/core/Memory.h"

#include <sys/mman.h>

using namespace weft;

bool Pages::reserve(uint64_t bytes) {
  release();
  if (bytes == 0)
    return true;
  // More than the address space of any machine: spares the caller the check.
  if (bytes > (uint64_t(1) << 56))
    return false;
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  base = static_cast<uint8_t *>(memory);
  length = bytes;
  return true;
}

void Pages::preferLargePages() {
  // Two pages of the usual large size at least; only a hint.
  constexpr uint64_t kWorthwhile = 4 << 20;
  if (length >= kWorthwhile)
    madvise(base, length, MADV_HUGEPAGE);
}

void Pages::release() {
  if (base)
    munmap(base, length);
  base = nullptr;
  length = 0;
}
