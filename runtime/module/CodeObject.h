//===- CodeObject.h - Compiled kernels, mapped executable -------*- C++ -*-===//

#ifndef WEFT_MODULE_CODEOBJECT_H
#define WEFT_MODULE_CODEOBJECT_H

#include "runtime/core/Status.h"
#include "weft/kernel_abi.h"

#include <cstddef>
#include <cstdint>

namespace weft {

/// A position-independent ELF shared object, loaded from memory while this
/// lives. Needs a dynamically linked process.
class CodeObject {
public:
  CodeObject() = default;
  CodeObject(const CodeObject &) = delete;
  CodeObject &operator=(const CodeObject &) = delete;
  ~CodeObject();

  /// The caller has checked the hash.
  Status load(const uint8_t *data, size_t bytes);

  /// Null if there is no such symbol.
  weft_kernel_fn find(const char *symbol) const;

private:
  // Open as long as the object is: dlopen takes two files of one name for one,
  // and the name is the number.
  int file = -1;
  void *library = nullptr;
};

/// Checks that the segments of an ELF object lie within its bytes: mapping a
/// truncated one would succeed and trap when used.
Status verifyElf(const uint8_t *data, size_t bytes);

} // namespace weft

#endif // WEFT_MODULE_CODEOBJECT_H
