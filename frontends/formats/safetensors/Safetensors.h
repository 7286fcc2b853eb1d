//===- Safetensors.h - Reading safetensors files --------------------------===//
//
// A safetensors file is
//   u64 N (little-endian), N bytes of JSON, the tensors' bytes.
// The JSON is an object: tensor name → {"dtype", "shape", "data_offsets"},
// offsets counted from the first byte after the JSON, and "__metadata__" →
// {text: text}. What is read here is what the format promises: the tensors'
// bytes follow each other without holes and overlaps up to the end of the file,
// no name stands twice, and each size is the product of shape and type.
//
// A sharded model has, beside its files, `model.safetensors.index.json`, whose
// "weight_map" says in which file a tensor stands.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_SAFETENSORS_SAFETENSORS_H
#define WEFT_FRONTENDS_FORMATS_SAFETENSORS_SAFETENSORS_H

#include "frontends/formats/common/Tensors.h"

#include <map>

namespace weft::formats {

/// Longest header that is read, in bytes: the limit of the format's own
/// library.
constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

/// What the header of a file says, checked against the file.
struct SafetensorsContents {
  /// By offset.
  std::vector<TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the header in the bytes of a whole file. `file` is for messages.
Expected<SafetensorsContents> parseSafetensors(Bytes bytes,
                                               const std::string &file);

/// Maps one file and reads its header.
Expected<TensorStore> openSafetensors(const std::string &path);

/// Maps the weights of a model directory: `model.safetensors`, or else the
/// shards that `model.safetensors.index.json` names.
Expected<TensorStore> openSafetensorsDirectory(const std::string &directory);

/// Reads the text of an index: tensor name → name of a file in the same
/// directory.
Expected<std::map<std::string, std::string>>
parseSafetensorsIndex(std::string_view text, const std::string &file);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_SAFETENSORS_SAFETENSORS_H
