//===- Replay.cpp - Runs a fuzz target over a regression corpus -----------===//
//
// Usage: <target>-replay FILE-OR-FOLDER...
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const std::filesystem::path &path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "cannot open %s\n", path.c_str());
    return false;
  }
  // A vector of just the input's size: a read past it is seen by ASan.
  std::vector<uint8_t> input{std::istreambuf_iterator<char>(stream), {}};
  input.shrink_to_fit();
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

int main(int argc, char **argv) {
  unsigned count = 0;
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path = argv[i];
    if (!std::filesystem::is_directory(path)) {
      if (!replay(path))
        return 1;
      ++count;
      continue;
    }
    for (const auto &entry : std::filesystem::directory_iterator(path)) {
      if (!replay(entry.path()))
        return 1;
      ++count;
    }
  }
  std::printf("%u inputs\n", count);
  return count == 0; // an empty corpus is a mistake in the build
}
