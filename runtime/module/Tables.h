//===- Tables.h - The verified FlatBuffer of a program ----------*- C++ -*-===//
//
// FlatBuffers' own verifier proves that every table, vector and string lies in
// the buffer. What it cannot know (that an index names something, that a range
// lies in its segment) is proved here and in Plan.cpp. Nothing else reads a
// table before both are done.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_MODULE_TABLES_H
#define WEFT_MODULE_TABLES_H

#include "runtime/core/Status.h"
#include "runtime/schema/artifact_generated.h"

#include <cstddef>
#include <cstdint>

namespace weft {

/// Sizes beyond these are refused: no memory has them, and sums of some of them
/// do not overflow.
inline constexpr uint64_t kMaxBytes = uint64_t(1) << 46;

/// The elements of a vector that may be absent.
template <typename T> uint32_t getSize(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

/// The text of a string that may be absent.
inline const char *getText(const flatbuffers::String *string) {
  return string ? string->c_str() : "";
}

/// Runs FlatBuffers' verifier. `data` is aligned to 64 bytes.
Status verifyBuffer(const uint8_t *data, size_t bytes,
                    const fb::Program *&program);

/// Where the tables stand in their file; no file for a linked program.
struct FilePlace {
  uint64_t tablesEnd = 0;
  uint64_t fileBytes = 0;
  bool isLinked = false;
};

/// Verifies segments, parameters, kernels, variants and states.
Status verifyTables(const fb::Program &program, const FilePlace &place);

/// Verifies a port of a function; `what` is "input" or "output". Dimensions
/// that name a slot are left to the caller.
Status verifyPort(const fb::Port &port, const char *function, const char *what);

} // namespace weft

#endif // WEFT_MODULE_TABLES_H
