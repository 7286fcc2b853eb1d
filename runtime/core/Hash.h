//===- Hash.h - The hash of tables, segments and saved states ---*- C++ -*-===//

#ifndef WEFT_CORE_HASH_H
#define WEFT_CORE_HASH_H

#include <cstddef>
#include <cstdint>

namespace weft {

/// XXH3 of 64 bits, seed 0. Detects damage; it is no signature.
uint64_t hashBytes(const void *data, size_t bytes);

} // namespace weft

#endif // WEFT_CORE_HASH_H
