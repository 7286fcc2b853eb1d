//===- MakeArtifact.cpp - Writes the test artifact to a file
//---------------===//

#include "test/unit/runtime/ArtifactBuilder.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: make-test-artifact FILE.weft\n");
    return 2;
  }
  const std::vector<uint8_t> bytes = weft::test::makeArtifact().write();
  FILE *file = fopen(argv[1], "wb");
  if (!file || fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() ||
      fclose(file) != 0) {
    perror(argv[1]);
    return 1;
  }
  return 0;
}
