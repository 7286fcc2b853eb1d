//===- Memory.cpp - Anonymous pages ---------------------------------------===//

#include "runtime/core/Memory.h"

#include <sys/mman.h>

using namespace weft;

// Of Linux 6.1 and later; older headers do not have it.
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

bool Pages::reserve(uint64_t bytes, uint64_t alignment) {
  release();
  if (bytes == 0)
    return true;
  // More than the address space of any machine: spares the caller the check.
  if (bytes > (uint64_t(1) << 56))
    return false;
  void *memory = mmap(nullptr, bytes + alignment, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return false;
  mapping = memory;
  mappingLength = bytes + alignment;
  uint64_t unaligned = alignment ? uint64_t(uintptr_t(memory)) % alignment : 0;
  base =
      static_cast<uint8_t *>(memory) + (unaligned ? alignment - unaligned : 0);
  length = bytes;
  return true;
}

void Pages::preferLargePages() {
  // Two pages of the usual large size at least; only a hint.
  if (length >= 2 * kLarge)
    madvise(base, length, MADV_HUGEPAGE);
}

void Pages::makeLarge(uint64_t offset) {
  // The hint is for systems that make large pages in the background alone.
  madvise(base + offset, kLarge, MADV_HUGEPAGE);
  madvise(base + offset, kLarge, MADV_COLLAPSE);
}

void Pages::release() {
  if (mapping)
    munmap(mapping, mappingLength);
  mapping = nullptr;
  mappingLength = 0;
  base = nullptr;
  length = 0;
}
