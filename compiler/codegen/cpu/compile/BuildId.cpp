//===- BuildId.cpp - Which compiler this is -------------------------------===//

#include "compiler/codegen/cpu/compile/BuildId.h"
#include "llvm/Support/MathExtras.h"
#include <cstdint>
#include <link.h>
#include <string>

using namespace llvm;

namespace {
struct BuildIds {
  std::string all;
  bool hasOwn = false;
};
} // namespace

/// The build id among the notes of a segment, or nothing.
static StringRef findBuildId(StringRef notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    memcpy(&note, notes.data(), sizeof(note));
    const size_t name = alignTo(note.n_namesz, 4),
                 size = alignTo(note.n_descsz, 4);
    StringRef rest = notes.drop_front(sizeof(note));
    if (name + size > rest.size())
      break;
    if (note.n_type == NT_GNU_BUILD_ID &&
        rest.take_front(note.n_namesz) == StringRef("GNU\0", 4))
      return rest.substr(name, note.n_descsz);
    notes = rest.drop_front(name + size);
  }
  return {};
}

static int visit(dl_phdr_info *object, size_t, void *data) {
  auto &ids = *static_cast<BuildIds *>(data);
  const auto here = reinterpret_cast<uintptr_t>(&findBuildId);
  StringRef id;
  bool isOwn = false;
  for (const ElfW(Phdr) &segment :
       ArrayRef(object->dlpi_phdr, object->dlpi_phnum)) {
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD)
      isOwn |= here >= begin && here - begin < segment.p_memsz;
    else if (segment.p_type == PT_NOTE && id.empty())
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses.
      id = findBuildId({reinterpret_cast<const char *>(begin),
                        static_cast<size_t>(segment.p_memsz)});
  }
  ids.all += id;
  ids.hasOwn |= isOwn && !id.empty();
  return 0;
}

StringRef weft::cpu::getBuildIds() {
  static const std::string all = [] {
    BuildIds ids;
    dl_iterate_phdr(visit, &ids);
    return ids.hasOwn ? ids.all : std::string();
  }();
  return all;
}
