//===- Gguf.h - Reading GGUF files ----------------------------------------===//
//
// A GGUF file, version 2 or 3, little-endian, is
//   "GGUF", u32 version, u64 number of tensors, u64 number of metadata pairs,
//   the pairs   (string key, u32 type, value),
//   the tensors (string name, u32 rank, u64 sizes innermost first, u32 type,
//                u64 offset from the start of the data),
//   padding to `general.alignment` (32 if not given), and the data,
// where a string is u64 length and bytes, and an array is u32 element type, u64
// count and the elements. Each count and length is compared with the bytes left
// before anything is done with it, so memory used is bounded by the file's
// size.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_GGUF_GGUF_H
#define WEFT_FRONTENDS_FORMATS_GGUF_GGUF_H

#include "frontends/formats/common/Tensors.h"
#include "frontends/formats/gguf/GgufValue.h"

#include <map>

namespace weft::formats {

/// Metadata by key. Values point into the file's bytes.
using GgufMetadata = std::map<std::string, GgufValue, std::less<>>;

/// What a file holds, checked against its size.
struct GgufContents {
  uint32_t version = 0;
  uint64_t alignment = 32;
  GgufMetadata metadata;
  /// In the order of the file; shapes outermost first, offsets from the start
  /// of the file. They do not overlap.
  std::vector<TensorInfo> tensors;
};

/// Reads the bytes of a whole file, which must outlive the result's metadata.
/// `file` is for messages.
Expected<GgufContents> parseGguf(Bytes bytes, const std::string &file);

/// An open file: its metadata, and its tensors with the mapping they need.
struct GgufFile {
  uint32_t version = 0;
  GgufMetadata metadata;
  /// Holds the mapping: the metadata is valid while this is.
  TensorStore store;
};

/// Maps and reads a file.
Expected<GgufFile> openGguf(const std::string &path);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_GGUF_GGUF_H
