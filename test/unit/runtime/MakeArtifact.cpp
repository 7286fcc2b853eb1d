//===- MakeArtifact.cpp - Writes the test artifact to a file --------------===//
//
// With --tables only its tables, for the corpus of the loader's fuzz target,
// which puts one page of segments behind them.
//
//===----------------------------------------------------------------------===//

#include "runtime/module/Header.h"
#include "test/unit/runtime/ArtifactBuilder.h"

#include <cstdio>
#include <cstring>

using namespace weft;

static std::vector<uint8_t> makeTables() {
  test::Artifact artifact = test::makeArtifact();
  artifact.segments[0].resize(64);
  std::vector<uint8_t> file = artifact.write();
  // Both segments on the one page.
  artifact.tables.segments[1]->offset = artifact.tables.segments[0]->offset;
  file = artifact.writeAsIs();
  FileHeader header;
  memcpy(&header, file.data(), sizeof(header));
  const uint8_t *tables = file.data() + header.tablesOffset;
  return std::vector<uint8_t>(tables, tables + header.tablesBytes);
}

int main(int argc, char **argv) {
  const bool onlyTables = argc == 3 && strcmp(argv[1], "--tables") == 0;
  if (argc != 2 && !onlyTables) {
    fprintf(stderr, "usage: make-test-artifact [--tables] FILE\n");
    return 2;
  }
  const char *path = argv[argc - 1];
  const std::vector<uint8_t> bytes =
      onlyTables ? makeTables() : test::makeArtifact().write();
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() ||
      fclose(file) != 0) {
    perror(path);
    return 1;
  }
  return 0;
}
