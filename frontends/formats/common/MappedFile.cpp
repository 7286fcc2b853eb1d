//===- MappedFile.cpp - A file in memory, read-only -----------------------===//

#include "frontends/formats/common/MappedFile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace weft::formats;

static Error systemError(const std::string &path, const char *what) {
  return {path, "", std::string(what) + ": " + std::strerror(errno)};
}

Expected<std::shared_ptr<const MappedFile>>
MappedFile::open(const std::string &path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes would wait for ever.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return systemError(path, "cannot open the file");
  struct stat status;
  if (::fstat(descriptor, &status) != 0) {
    Error error = systemError(path, "cannot read the file's size");
    ::close(descriptor);
    return error;
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return Error{path, "",
                 S_ISDIR(status.st_mode)
                     ? "expected a file but got a directory"
                     : "expected a regular file but got a device or pipe"};
  }
  Bytes contents;
  contents.size = static_cast<uint64_t>(status.st_size);
  if (contents.size != 0) {
    void *memory =
        ::mmap(nullptr, contents.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (memory == MAP_FAILED) {
      Error error = systemError(path, "cannot map the file");
      ::close(descriptor);
      return error;
    }
    contents.data = static_cast<const uint8_t *>(memory);
  }
  ::close(descriptor);
  return std::shared_ptr<const MappedFile>(new MappedFile(path, contents));
}

MappedFile::~MappedFile() {
  if (contents.size != 0)
    ::munmap(const_cast<uint8_t *>(contents.data), contents.size);
}

Expected<std::string> weft::formats::readTextFile(const std::string &path,
                                                  uint64_t limit) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  Bytes bytes = (*file)->bytes();
  if (bytes.size > limit)
    return Error{path, "",
                 "expected at most " + std::to_string(limit) +
                     " bytes but got " + std::to_string(bytes.size)};
  return std::string(bytes.text());
}
