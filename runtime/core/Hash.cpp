//===- Hash.cpp - XXH3 ----------------------------------------------------===//

#include "runtime/core/Hash.h"

// The header holds the whole of it, so that the runtime needs no library.
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t weft::hashBytes(const void *data, size_t bytes) {
  return XXH3_64bits(data, bytes);
}
