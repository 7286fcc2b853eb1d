//===- LinkedTest.cpp - Programs without a file ---------------------------===//

#include "runtime/module/Header.h"
#include "test/unit/runtime/Fixture.h"

#include <dlfcn.h>

using namespace weft;
using namespace weft::test;

namespace {
/// What `weft compile --emit static-lib` links in, taken from the test's
/// library.
class Linked : public testing::Test {
protected:
  Linked()
      : file(makeArtifact().write()),
        library(dlopen(WEFT_TEST_KERNELS, RTLD_NOW)) {
    const auto &header = *reinterpret_cast<FileHeader *>(file.data());
    linked.tables = file.data() + header.tablesOffset;
    linked.tables_bytes = header.tablesBytes;
    const fb::Program *tables = fb::GetProgram(linked.tables);
    for (const fb::Segment *segment : *tables->segments()) {
      bool isCode = segment->kind() == fb::SegmentKind::Code;
      segments.push_back(isCode ? nullptr : file.data() + segment->offset());
      sizes.push_back(isCode ? 0 : segment->bytes());
    }
    for (const fb::Kernel *kernel : *tables->kernels())
      kernels.push_back({kernel->symbol()->c_str(),
                         reinterpret_cast<weft_kernel_fn>(
                             dlsym(library, kernel->symbol()->c_str()))});
    level = {"baseline", kernels.data(), kernels.size()};
    linked.segments = segments.data();
    linked.segment_bytes = sizes.data();
    linked.segment_count = segments.size();
    linked.levels = &level;
    linked.level_count = 1;
  }
  ~Linked() override { dlclose(library); }

  weft_status create() {
    weft_program *program = nullptr;
    weft_status status = weft_program_create_linked(&linked, nullptr, &program);
    weft_program_release(program);
    return status;
  }

  AlignedBytes file;
  void *library;
  std::vector<const void *> segments;
  std::vector<size_t> sizes;
  std::vector<weft_linked_kernel> kernels;
  weft_linked_level level;
  weft_linked_program linked;
};
} // namespace

TEST_F(Linked, Runs) {
  auto program = Program::link(linked);
  ASSERT_TRUE(program) << program.status().message;
  EXPECT_STREQ("baseline", program->info().level);
  auto session = Session::create(*program);
  ASSERT_TRUE(session);
  const float x[2] = {1, 2};
  auto outputs =
      session->run(*program->findFunction("scale"), {view(x, {1, 2})});
  ASSERT_TRUE(outputs) << outputs.status().message;
  EXPECT_EQ(12.0f, (*outputs)[0].data<float>()[1]);
}

TEST_F(Linked, RefusesWhatDoesNotFit) {
  weft_program *program;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "linked must not be null",
               weft_program_create_linked(nullptr, nullptr, &program));
  linked.segment_count = 1;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "expected 2 linked segments but got 1",
               create());
  linked.segment_count = 2;
  sizes[1] -= 1;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "linked segment 1: expected 80 bytes",
               create());
  sizes[1] += 1;
  level.kernel_count = 3;
  EXPECT_FAILS(WEFT_CODE_ERROR, "no kernel 'test_decay'", create());
  level.kernel_count = kernels.size();
  level.level = "other";
  EXPECT_FAILS(WEFT_CODE_ERROR, "level 'baseline' is not linked in", create());
  level.level = "baseline";
  linked.tables_bytes = 20;
  EXPECT_FAILS(WEFT_CORRUPT, "malformed", create());
}

TEST_F(Linked, FindsKernelsInAnyOrder) {
  std::swap(kernels[0], kernels[4]);
  EXPECT_EQ(WEFT_OK, create().code);
}
