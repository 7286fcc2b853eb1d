//===- MappedFile.h - A file in memory, read-only -------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_COMMON_MAPPEDFILE_H
#define WEFT_FRONTENDS_FORMATS_COMMON_MAPPEDFILE_H

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/common/Error.h"

#include <memory>
#include <string>

namespace weft::formats {

/// A regular file mapped read-only. The mapping lives as long as the object;
/// many threads may read it. A file that somebody shortens meanwhile is a fault
/// of that somebody: the operating system then ends the process (SIGBUS).
class MappedFile {
public:
  /// Maps the file at `path`. Fails if it cannot be opened or is not a regular
  /// file. An empty file is mapped as no bytes.
  static Expected<std::shared_ptr<const MappedFile>>
  open(const std::string &path);

  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  const std::string &path() const { return name; }
  Bytes bytes() const { return contents; }

private:
  MappedFile(std::string name, Bytes contents)
      : name(std::move(name)), contents(contents) {}

  std::string name;
  Bytes contents;
};

/// Reads a whole small text file, such as a configuration. Fails above `limit`
/// bytes, before reading.
Expected<std::string> readTextFile(const std::string &path, uint64_t limit);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_COMMON_MAPPEDFILE_H
