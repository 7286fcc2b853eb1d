//===- LoadTest.cpp - Files, whole and broken -----------------------------===//

#include "runtime/module/Header.h"
#include "test/unit/runtime/Fixture.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

using namespace weft;
using namespace weft::test;

static weft_status loadBytes(const std::vector<uint8_t> &bytes,
                             const weft_load_options *options = nullptr) {
  AlignedBytes aligned(bytes);
  weft_program *program = reinterpret_cast<weft_program *>(1);
  weft_status status = weft_program_load_memory(aligned.data(), aligned.size(),
                                                options, &program);
  EXPECT_EQ(status.code == WEFT_OK, program != nullptr);
  weft_program_release(program);
  return status;
}

static weft_status load(const Artifact &artifact) {
  return loadBytes(artifact.write());
}

/// The header of a file, to be changed in place.
static FileHeader &getHeader(std::vector<uint8_t> &file) {
  return *reinterpret_cast<FileHeader *>(file.data());
}

namespace {
class EnvironmentVariable {
public:
  EnvironmentVariable(const char *name, const char *value) : name(name) {
    setenv(name, value, 1);
  }
  ~EnvironmentVariable() { unsetenv(name); }

private:
  const char *name;
};

class TemporaryFile {
public:
  explicit TemporaryFile(const std::vector<uint8_t> &bytes) {
    path = testing::TempDir() + "weft-load-test-" + std::to_string(getpid());
    FILE *file = fopen(path.c_str(), "wb");
    fwrite(bytes.data(), 1, bytes.size(), file);
    fclose(file);
  }
  ~TemporaryFile() { remove(path.c_str()); }
  std::string path;
};
} // namespace

TEST(Load, TellsWhatAFileHolds) {
  TemporaryFile file(makeArtifact().write());
  auto program = Program::load(file.path);
  ASSERT_TRUE(program) << program.status().message;
  weft_program_info info = program->info();
  EXPECT_STREQ("weft tests", info.producer);
  EXPECT_STREQ("baseline", info.level);
  EXPECT_EQ(kMajorVersion, info.major_version);
  EXPECT_EQ(8u, info.function_count);
  EXPECT_EQ(3u, info.state_count);
  EXPECT_EQ(6u, info.kernel_count);
  EXPECT_EQ(2u, info.parameter_count);
  EXPECT_EQ(2u, info.segment_count);
  EXPECT_STREQ("test", program->metadata("family"));
  EXPECT_EQ(nullptr, program->metadata("nothing"));

  auto scale = program->findFunction("scale");
  ASSERT_TRUE(scale);
  auto facts = program->function(*scale);
  ASSERT_TRUE(facts);
  EXPECT_EQ(1u, facts->input_count);
  EXPECT_EQ(2u, facts->symbol_count);
  EXPECT_EQ(2u, facts->launch_count);
  EXPECT_FALSE(facts->has_state);
  EXPECT_EQ(uint64_t(8 * 1000 * 4 * 2), facts->arena_bytes);
  auto port = program->input(*scale, 0);
  ASSERT_TRUE(port);
  EXPECT_STREQ("x", port->name);
  EXPECT_EQ(2, port->rank);
  EXPECT_EQ(-2, port->dims[1]);
  EXPECT_FALSE(program->input(*scale, 1));

  weft_state_info state;
  ASSERT_EQ(WEFT_OK, weft_program_get_state(program->get(), 1, &state).code);
  EXPECT_STREQ("recent", state.name);
  EXPECT_EQ(WEFT_STATE_LAST, state.kind);
  EXPECT_EQ(uint64_t(kWindow), state.window);
  weft_parameter_info parameter;
  ASSERT_EQ(WEFT_OK,
            weft_program_get_parameter(program->get(), 0, &parameter).code);
  EXPECT_EQ(42.0f, *static_cast<const float *>(parameter.data));
}

TEST(Load, NamesTheFunctionsThereAre) {
  Loaded loaded;
  size_t function;
  EXPECT_FAILS(
      WEFT_INVALID_ARGUMENT,
      "no function 'prefill'; the program has: scale, step, attend",
      weft_program_find_function(loaded.program, "prefill", &function));
}

TEST(Load, RefusesWhatIsNoFile) {
  weft_program *program;
  EXPECT_FAILS(WEFT_IO_ERROR, "/nowhere.weft: No such file",
               weft_program_load_file("/nowhere.weft", nullptr, &program));
  EXPECT_FAILS(WEFT_CORRUPT, "not a regular file",
               weft_program_load_file("/tmp", nullptr, &program));
  TemporaryFile empty({});
  EXPECT_FAILS(WEFT_CORRUPT, "empty file",
               weft_program_load_file(empty.path.c_str(), nullptr, &program));
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "path must not be null",
               weft_program_load_file(nullptr, nullptr, &program));
}

TEST(Load, RefusesABrokenHeader) {
  const std::vector<uint8_t> good = makeArtifact().write();
  std::vector<uint8_t> file = good;
  file[0] = 'w';
  EXPECT_FAILS(WEFT_CORRUPT, "no magic", loadBytes(file));
  file = good;
  getHeader(file).majorVersion = 2;
  EXPECT_FAILS(WEFT_UNSUPPORTED_VERSION,
               "expected format version 1 but got 2.0", loadBytes(file));
  file = good;
  getHeader(file).minorVersion = 7; // of a newer compiler: fine
  EXPECT_EQ(WEFT_OK, loadBytes(file).code);
  file = good;
  file.pop_back();
  EXPECT_FAILS(WEFT_CORRUPT, "truncated or grown", loadBytes(file));
  file = good;
  getHeader(file).tablesOffset = 65;
  EXPECT_FAILS(WEFT_CORRUPT, "do not lie aligned", loadBytes(file));
  file = good;
  getHeader(file).tablesBytes = UINT64_MAX;
  EXPECT_FAILS(WEFT_CORRUPT, "do not lie aligned", loadBytes(file));
  file = good;
  getHeader(file).reserved[1] = 1;
  EXPECT_FAILS(WEFT_CORRUPT, "reserved", loadBytes(file));
  file.resize(32);
  EXPECT_FAILS(WEFT_CORRUPT, "no magic", loadBytes(file));
}

TEST(Load, RefusesDamage) {
  const std::vector<uint8_t> good = makeArtifact().write();
  std::vector<uint8_t> file = good;
  file[sizeof(FileHeader) + 100] ^= 1;
  EXPECT_FAILS(WEFT_CORRUPT, "tables: damaged", loadBytes(file));

  // The last bytes are parameters.
  file = good;
  file.back() ^= 1;
  EXPECT_FAILS(WEFT_CORRUPT, "segment 1: damaged", loadBytes(file));
  weft_load_options trusting = {WEFT_LOAD_SKIP_PARAMETER_HASH, nullptr};
  EXPECT_EQ(WEFT_OK, loadBytes(file, &trusting).code);

  Artifact artifact = makeArtifact();
  artifact.write();
  file = good;
  file[artifact.tables.segments[0]->offset + 1000] ^= 1;
  EXPECT_FAILS(WEFT_CORRUPT, "segment 0: damaged", loadBytes(file, &trusting));
  weft_load_options inspecting = {WEFT_LOAD_TABLES_ONLY, nullptr};
  EXPECT_EQ(WEFT_OK, loadBytes(file, &inspecting).code);
}

TEST(Load, RefusesMisalignedMemory) {
  std::vector<uint8_t> good = makeArtifact().write();
  good.insert(good.begin(), 8, 0);
  AlignedBytes aligned(good);
  weft_program *program;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "aligned to 64",
               weft_program_load_memory(aligned.data() + 8, good.size() - 8,
                                        nullptr, &program));
}

TEST(Load, TakesTheHighestLevelThatRuns) {
  Artifact artifact = makeArtifact();
  auto add = [&](const char *level, uint32_t rank, const char *feature) {
    auto variant = std::make_unique<fb::VariantT>();
    variant->level = level;
    variant->rank = rank;
    variant->features = {feature};
    artifact.tables.variants.push_back(std::move(variant));
  };
  add("better", 5, "sse2");
  add("best", 9, "quantum");
#ifdef __x86_64__
  Loaded loaded(artifact);
  EXPECT_STREQ("better",
               Program(*Program::load(loaded.bytes.data(), loaded.bytes.size()))
                   .info()
                   .level);
  weft_variant_info info;
  ASSERT_EQ(WEFT_OK, weft_program_get_variant(loaded.program, 2, &info).code);
  EXPECT_FALSE(info.runs_here);
  EXPECT_STREQ("quantum", info.missing);
#endif
  weft_load_options options = {0, "best"};
  EXPECT_FAILS(WEFT_UNSUPPORTED_CPU,
               "level 'best' is not in the file or does not run on this CPU; "
               "the file has: baseline, better, best (lacks quantum)",
               loadBytes(artifact.write(), &options));
  {
    EnvironmentVariable forced("WEFT_LEVEL", "baseline");
    Loaded other(artifact);
    weft_program_info facts;
    weft_program_get_info(other.program, &facts);
    EXPECT_STREQ("baseline", facts.level);
  }
  artifact.tables.variants.erase(artifact.tables.variants.begin(),
                                 artifact.tables.variants.begin() + 2);
  EXPECT_FAILS(WEFT_UNSUPPORTED_CPU, "no level of the file runs on this CPU",
               load(artifact));
}

TEST(Load, ReportsCodeThatDoesNotLoad) {
  Artifact artifact = makeArtifact();
  artifact.tables.kernels[2]->symbol = "test_missing";
  EXPECT_FAILS(WEFT_CODE_ERROR, "level 'baseline': no kernel 'test_missing'",
               load(artifact));
  artifact = makeArtifact();
  artifact.segments[0].resize(1000);
  EXPECT_FAILS(WEFT_CORRUPT, "code: ", load(artifact));
  artifact.segments[0] = {1, 2, 3};
  EXPECT_FAILS(WEFT_CORRUPT, "too short for an ELF", load(artifact));
  artifact = makeArtifact();
  artifact.segments[0][18] = 8; // MIPS
  EXPECT_FAILS(WEFT_UNSUPPORTED_CPU, "ELF machine", load(artifact));
  artifact = makeArtifact();
  artifact.segments[0][16] = 1; // relocatable
  EXPECT_FAILS(WEFT_CORRUPT, "not a shared ELF object", load(artifact));
}

TEST(Load, KnowsFeaturesByName) {
  EXPECT_FALSE(weft_cpu_has_feature("quantum"));
  EXPECT_FALSE(weft_cpu_has_feature(nullptr));
#ifdef __x86_64__
  EXPECT_TRUE(weft_cpu_has_feature("sse2"));
  EXPECT_EQ(bool(__builtin_cpu_supports("avx2")), weft_cpu_has_feature("avx2"));
  EXPECT_EQ(bool(__builtin_cpu_supports("fma")), weft_cpu_has_feature("fma"));
  EXPECT_EQ(bool(__builtin_cpu_supports("avx512f")),
            weft_cpu_has_feature("avx512f"));
  EXPECT_EQ(bool(__builtin_cpu_supports("avx512vnni")),
            weft_cpu_has_feature("avx512vnni"));
#endif
}

TEST(Load, SessionsNeedCode) {
  const std::vector<uint8_t> bytes = makeArtifact().write();
  AlignedBytes aligned(bytes);
  weft_load_options inspecting = {WEFT_LOAD_TABLES_ONLY, nullptr};
  auto program = Program::load(aligned.data(), aligned.size(), &inspecting);
  ASSERT_TRUE(program);
  EXPECT_STREQ("", program->info().level);
  EXPECT_FAILS(WEFT_WRONG_STATE, "without its code",
               Session::create(*program).status());
}

TEST(Load, ManyProgramsAtOnce) {
  // Each has its code in a file of its own, whatever numbers those get.
  Artifact other = makeArtifact();
  other.tables.producer = "another";
  for (int round = 0; round < 3; ++round) {
    Loaded a, b(other);
    Loaded *c = new Loaded();
    weft_session *session = c->open();
    Floats rows = makeRows(2);
    EXPECT_EQ(computeRows(rows, true), runRows(*c, session, "step", rows));
    weft_session_release(session);
    delete c;
    session = b.open();
    EXPECT_EQ(computeRows(rows, true), runRows(b, session, "step", rows));
    weft_session_release(session);
  }
}
