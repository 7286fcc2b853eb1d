//===- FuzzArtifact.cpp - The loader of .weft files -----------------------===//
//
// The input is the tables of a file, or a whole file. Tables get a header that
// is right, since a fuzzer cannot guess hashes.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Hash.h"
#include "runtime/module/Header.h"
#include "test/fuzz/LoadAndRun.h"

#include <cstring>
#include <vector>

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  if (bytes >= sizeof(kMagic) && memcmp(data, kMagic, sizeof(kMagic)) == 0) {
    test::loadAndRun(data, bytes, false);
    return 0;
  }
  // A page of zeros behind the tables: room for segments.
  const size_t tablesEnd = sizeof(FileHeader) + bytes;
  const size_t segment = (tablesEnd + kSegmentAlignment - 1) /
                         kSegmentAlignment * kSegmentAlignment;
  std::vector<uint8_t> file(segment + kSegmentAlignment);
  if (bytes)
    memcpy(file.data() + sizeof(FileHeader), data, bytes);
  FileHeader header = {};
  memcpy(header.magic, kMagic, sizeof(kMagic));
  header.majorVersion = kMajorVersion;
  header.tablesOffset = sizeof(FileHeader);
  header.tablesBytes = bytes;
  header.tablesHash = hashBytes(data, bytes);
  header.fileBytes = file.size();
  memcpy(file.data(), &header, sizeof(header));
  test::loadAndRun(file.data(), file.size(), false);
  return 0;
}
