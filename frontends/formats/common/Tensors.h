//===- Tensors.h - The tensors that model files hold ----------------------===//
//
// What every reader of weights gives: tensors by name, each a stretch of a
// mapped file. Nothing is copied; compiled artifacts take their parameters from
// here.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_TENSORS_H
#define WEFT_FRONTENDS_FORMATS_COMMON_TENSORS_H

#include "frontends/formats/common/DataType.h"
#include "frontends/formats/common/MappedFile.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weft::formats {

/// Where a tensor lies in its file. Readers have checked that it lies inside
/// and that `size` is what type and shape ask for.
struct TensorInfo {
  std::string name;
  DataType type = DataType::F32;
  /// Outermost first; row-major without gaps. Empty for a scalar.
  std::vector<int64_t> shape;
  /// From the start of the file, in bytes.
  uint64_t offset = 0;
  uint64_t size = 0;
};

/// The tensors of one model, in one or more files, found by name.
class TensorStore {
public:
  using FilePtr = std::shared_ptr<const MappedFile>;

  /// Adds the tensors of a file. Fails on a name that another file has.
  Status add(FilePtr file, std::vector<TensorInfo> tensors);

  /// The tensor of this name, or null.
  const TensorInfo *find(std::string_view name) const;

  /// In the order of the files.
  const std::vector<TensorInfo> &tensors() const { return infos; }
  const std::vector<FilePtr> &files() const { return mapped; }

  /// The file that holds the tensor, which must be one of `tensors()`.
  const FilePtr &getFile(const TensorInfo &tensor) const;
  /// The bytes of a tensor of this store; valid while the file is held.
  Bytes getBytes(const TensorInfo &tensor) const;

private:
  std::vector<FilePtr> mapped;
  std::vector<TensorInfo> infos;
  std::vector<unsigned> fileOf;
  std::unordered_map<std::string, size_t> byName;
};

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_TENSORS_H
