//===- Verify.cpp - weft verify: is an artifact whole? --------------------===//

#include "compiler/tools/weft/common/Runtime.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include "runtime/core/Hash.h"
#include <cstdio>

using namespace weft;
using namespace weft::cli;

/// Hashes every segment, also the code of levels that do not run here.
static void verifySegments(const Program &program) {
  for (size_t i = 0; i != program.info().segment_count; ++i) {
    weft_segment_info segment;
    check(weft_program_get_segment(program.get(), i, &segment), program.path());
    if (hashBytes(segment.data, segment.bytes) != segment.hash)
      throw Failure(program.path() + ": segment " + std::to_string(i) +
                    " at byte " + std::to_string(segment.offset) +
                    ": damaged: its hash is not as the tables say");
  }
}

/// Loads the code of each level that runs here, and finds its kernels. Returns
/// the levels.
static std::vector<std::string> verifyLevels(const Program &tables) {
  std::vector<std::string> levels;
  for (size_t i = 0; i != tables.info().variant_count; ++i) {
    weft_variant_info variant;
    check(weft_program_get_variant(tables.get(), i, &variant), tables.path());
    if (!variant.runs_here)
      continue;
    levels.push_back(variant.level);
    weft_load_options options = {WEFT_LOAD_SKIP_PARAMETER_HASH, variant.level};
    weft_program *program = nullptr;
    check(weft_program_load_file(tables.path().c_str(), &options, &program));
    weft_program_release(program);
  }
  return levels;
}

static void verify(const std::string &file, const CommonOptions &common) {
  Program program(file, WEFT_LOAD_TABLES_ONLY); // checks the tables
  verifySegments(program);
  std::vector<std::string> levels = verifyLevels(program);
  if (common.json)
    return printJson({{"file", file}, {"ok", true}, {"levels_run", levels}});
  std::printf("%s: ok\n", file.c_str());
}

void weft::cli::addVerify(CLI::App &app, CommonOptions &common) {
  auto file = std::make_shared<std::string>();
  CLI::App *verb =
      addVerb(app, "verify", "Check a compiled model: tables, hashes, code",
              "weft verify model.weft", common);
  addArtifact(verb, *file);
  addJson(verb, common);
  verb->callback([file, &common] { verify(*file, common); });
}
