//===- Mapping.cpp - mmap -------------------------------------------------===//

#include "runtime/module/Mapping.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace weft;

Status Mapping::open(const char *path) {
  int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return makeSystemError(WEFT_IO_ERROR, path, errno);
  struct stat facts;
  if (fstat(file, &facts) != 0) {
    int error = errno;
    close(file);
    return makeSystemError(WEFT_IO_ERROR, path, error);
  }
  if (!S_ISREG(facts.st_mode) || facts.st_size == 0) {
    close(file);
    return makeError(WEFT_CORRUPT, "%s: %s", path,
                     S_ISREG(facts.st_mode) ? "empty file"
                                            : "not a regular file");
  }
  void *memory =
      mmap(nullptr, size_t(facts.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  int error = errno;
  close(file);
  if (memory == MAP_FAILED)
    return makeSystemError(error == ENOMEM ? WEFT_OUT_OF_MEMORY : WEFT_IO_ERROR,
                           path, error);
  base = static_cast<const uint8_t *>(memory);
  bytes = size_t(facts.st_size);
  return ok();
}

Mapping::~Mapping() {
  if (base)
    munmap(const_cast<uint8_t *>(base), bytes);
}
