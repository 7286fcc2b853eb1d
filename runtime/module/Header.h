//===- Header.h - The first 64 bytes of a .weft file ------------*- C++ -*-===//
//
// Writer and loader share this file. All numbers are little-endian. See
// docs/artifact.md for a drawing and for what a version promises.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_MODULE_HEADER_H
#define WEFT_MODULE_HEADER_H

#include <cstddef>
#include <cstdint>

namespace weft {

/// The end of the magic breaks when a transfer rewrites line ends or stops at
/// the end-of-text mark.
inline constexpr unsigned char kMagic[8] = {'W',  'E',  'F',  'T',
                                            '\0', '\r', '\n', 0x1a};

/// A loader reads files of its own major version, whatever their minor version.
inline constexpr uint32_t kMajorVersion = 1;
inline constexpr uint32_t kMinorVersion = 0;

inline constexpr uint64_t kTablesAlignment = 64;
inline constexpr uint64_t kSegmentAlignment = 4096;
inline constexpr uint64_t kParameterAlignment = 64;

/// The value of an optional index field that names nothing.
inline constexpr uint32_t kNone = 0xffffffffu;

struct FileHeader {
  unsigned char magic[8];
  uint32_t majorVersion;
  uint32_t minorVersion;
  uint64_t tablesOffset; // a multiple of kTablesAlignment
  uint64_t tablesBytes;
  uint64_t tablesHash;  // XXH3 of 64 bits, seed 0
  uint64_t fileBytes;   // of the whole file
  uint64_t reserved[2]; // zeros
};
static_assert(sizeof(FileHeader) == 64, "part of the file format");
static_assert(offsetof(FileHeader, reserved) == 48, "part of the file format");

} // namespace weft

#endif // WEFT_MODULE_HEADER_H
