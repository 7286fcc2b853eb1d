//===- MutationTest.cpp - A thousand damaged files ------------------------===//
//
// Each is refused or does no harm. Most mutants get the right hash again, so
// that they reach the verifier and, where that takes them, the executor.
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Hash.h"
#include "runtime/module/Header.h"
#include "test/fuzz/LoadAndRun.h"
#include "test/unit/runtime/Fixture.h"

#include <random>

using namespace weft;
using namespace weft::test;

/// Changes some bytes of the tables, or the length, or the header.
static void mutate(std::vector<uint8_t> &file, std::mt19937 &random) {
  auto &header = *reinterpret_cast<FileHeader *>(file.data());
  const size_t tables = header.tablesBytes;
  auto pick = [&](size_t below) { return size_t(random() % below); };
  uint8_t *bytes = file.data() + sizeof(FileHeader);
  for (size_t i = 0, count = 1 + pick(4); i < count; ++i) {
    size_t at = pick(tables);
    switch (random() % 6) {
    case 0:
      bytes[at] ^= uint8_t(1u << pick(8));
      break;
    case 1:
      bytes[at] = uint8_t(random());
      break;
    case 2: // a lying size or index
      at = at / 4 * 4;
      for (uint32_t value = random() % 2 ? 0xffffffffu : random() % 300, j = 0;
           j < 4 && at + j < tables; ++j)
        bytes[at + j] = uint8_t(value >> (8 * j));
      break;
    case 3: // a number becomes its neighbour
      bytes[at / 4 * 4] += random() % 2 ? 1 : 255;
      break;
    case 4: // a piece comes twice
      memmove(bytes + at, bytes + pick(tables),
              std::min<size_t>(8, tables - std::max(at, tables - 8)));
      break;
    default:
      bytes[at] = 0;
      break;
    }
  }
}

static void fixHash(std::vector<uint8_t> &file) {
  auto &header = *reinterpret_cast<FileHeader *>(file.data());
  header.tablesHash =
      hashBytes(file.data() + header.tablesOffset, header.tablesBytes);
}

/// Whether a hash covers a byte: it is neither padding between segments nor the
/// header.
static bool isHashed(const Artifact &artifact, const FileHeader &header,
                     size_t at) {
  if (at >= header.tablesOffset &&
      at - header.tablesOffset < header.tablesBytes)
    return true;
  for (const auto &segment : artifact.tables.segments)
    if (at >= segment->offset && at - segment->offset < segment->bytes)
      return true;
  return false;
}

TEST(Mutation, AThousandFiles) {
  const Artifact artifact = makeArtifact();
  const std::vector<uint8_t> good = artifact.write();
  const FileHeader header = *reinterpret_cast<const FileHeader *>(good.data());
  std::mt19937 random(20260101);
  int loads = 0, refusals = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<uint8_t> file = good;
    bool mustFail = false;
    size_t at = random() % file.size();
    switch (i % 8) {
    case 0: // bits anywhere: the hashes see it
      file[at] ^= uint8_t(1u << (random() % 8));
      mustFail = isHashed(artifact, header, at);
      break;
    case 1: // cut
      file.resize(at);
      mustFail = true;
      break;
    case 2: // a header that lies; only the minor version may
      for (int j = 0; j < 2; ++j)
        file[16 + random() % 48] ^= uint8_t(1 + random() % 255);
      mustFail = file != good;
      break;
    default:
      mutate(file, random);
      fixHash(file);
      break;
    }
    bool loaded = loadAndRun(file.data(), file.size(), true);
    (loaded ? loads : refusals)++;
    EXPECT_FALSE(loaded && mustFail) << "mutant " << i;
  }
  // Both ends are reached.
  EXPECT_GT(loads, 50);
  EXPECT_GT(refusals, 400);
}
