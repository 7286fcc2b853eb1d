//===- CodeObject.cpp - From memory to dlopen -----------------------------===//

#include "runtime/module/CodeObject.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace weft;

#if defined(__x86_64__)
static constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
static constexpr uint16_t kMachine = EM_AARCH64;
#else
#error "no machine number for this architecture"
#endif

Status weft::verifyElf(const uint8_t *data, size_t bytes) {
  Elf64_Ehdr header;
  if (bytes < sizeof(header))
    return makeError(WEFT_CORRUPT, "code: too short for an ELF object");
  memcpy(&header, data, sizeof(header));
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_DYN)
    return makeError(WEFT_CORRUPT, "code: not a shared ELF object of 64 bits");
  if (header.e_machine != kMachine)
    return makeError(WEFT_UNSUPPORTED_CPU,
                     "code: expected ELF machine %d but got %d", int(kMachine),
                     int(header.e_machine));
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > bytes ||
      header.e_phnum > (bytes - header.e_phoff) / sizeof(Elf64_Phdr))
    return makeError(WEFT_CORRUPT, "code: program headers out of bounds");
  for (size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, data + header.e_phoff + i * sizeof(segment),
           sizeof(segment));
    if (segment.p_type == PT_LOAD &&
        (segment.p_offset > bytes ||
         segment.p_filesz > bytes - segment.p_offset ||
         segment.p_filesz > segment.p_memsz))
      return makeError(WEFT_CORRUPT, "code: segment %zu out of bounds", i);
  }
  return ok();
}

/// Opens a file without a name; -1 with errno.
static int openNameless() {
  int file = memfd_create("weft-code", MFD_CLOEXEC);
  // Systems that allow no executable memory files may still allow this.
  if (file < 0)
    file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
  return file;
}

static bool writeAll(int file, const uint8_t *data, size_t bytes) {
  while (bytes) {
    ssize_t written = write(file, data, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    data += written;
    bytes -= size_t(written);
  }
  return true;
}

Status CodeObject::load(const uint8_t *data, size_t bytes) {
  WEFT_TRY(verifyElf(data, bytes));
  file = openNameless();
  if (file < 0)
    return makeSystemError(WEFT_CODE_ERROR, "code: cannot create a memory file",
                           errno);
  if (!writeAll(file, data, bytes))
    return makeSystemError(WEFT_CODE_ERROR, "code: cannot write a memory file",
                           errno);
  char path[32];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *problem = dlerror();
    return makeError(WEFT_CODE_ERROR, "code: %s",
                     problem ? problem : "dlopen failed");
  }
  return ok();
}

weft_kernel_fn CodeObject::find(const char *symbol) const {
  return reinterpret_cast<weft_kernel_fn>(dlsym(library, symbol));
}

CodeObject::~CodeObject() {
  if (library)
    dlclose(library);
  if (file >= 0)
    close(file);
}
