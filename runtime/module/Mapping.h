//===- Mapping.h - A file in memory -----------------------------*- C++ -*-===//

#ifndef WEFT_MODULE_MAPPING_H
#define WEFT_MODULE_MAPPING_H

#include "runtime/core/Status.h"

#include <cstddef>
#include <cstdint>

namespace weft {

/// A whole file, mapped for reading while this lives.
class Mapping {
public:
  Mapping() = default;
  Mapping(const Mapping &) = delete;
  Mapping &operator=(const Mapping &) = delete;
  ~Mapping();

  Status open(const char *path);

  const uint8_t *data() const { return base; }
  size_t size() const { return bytes; }

private:
  const uint8_t *base = nullptr;
  size_t bytes = 0;
};

} // namespace weft

#endif // WEFT_MODULE_MAPPING_H
