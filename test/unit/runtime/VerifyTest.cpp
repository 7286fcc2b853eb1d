//===- VerifyTest.cpp - Every lie in the tables is found ------------------===//

#include "test/unit/runtime/Fixture.h"

#include <functional>

using namespace weft;
using namespace weft::test;
using fb::Opcode;

namespace {
struct Lie {
  const char *message;
  std::function<void(fb::ProgramT &)> tell;
};
} // namespace

static weft_status load(const std::vector<uint8_t> &file) {
  AlignedBytes aligned(file);
  weft_program *program = nullptr;
  weft_status status = weft_program_load_memory(aligned.data(), aligned.size(),
                                                nullptr, &program);
  weft_program_release(program);
  return status;
}

/// Tells each lie in tables that are right else.
static void expectRefused(const std::vector<Lie> &lies) {
  for (const Lie &lie : lies) {
    Artifact artifact = makeArtifact();
    artifact.write();
    lie.tell(artifact.tables);
    EXPECT_FAILS(WEFT_CORRUPT, lie.message, load(artifact.writeAsIs()));
  }
}

TEST(Verify, Segments) {
  expectRefused({
      {"segment 1: unknown kind 9",
       [](auto &t) { t.segments[1]->kind = fb::SegmentKind(9); }},
      {"multiple of 4096", [](auto &t) { t.segments[1]->offset += 64; }},
      {"do not lie between", [](auto &t) { t.segments[1]->offset = 0; }},
      {"do not lie between",
       [](auto &t) { t.segments[1]->offset = 1ull << 40; }},
      {"do not lie between", [](auto &t) { t.segments[1]->bytes += 1; }},
      {"impossible size", [](auto &t) { t.segments[1]->bytes = ~0ull; }},
      {"segment 0: damaged", [](auto &t) { t.segments[0]->hash ^= 1; }},
      {"segment 1: damaged", [](auto &t) { t.segments[1]->hash ^= 1; }},
  });
}

TEST(Verify, ParametersVariantsKernels) {
  expectRefused({
      {"segment 7 does not hold parameters",
       [](auto &t) { t.parameters[0]->segment = 7; }},
      {"segment 0 does not hold parameters",
       [](auto &t) { t.parameters[0]->segment = 0; }},
      {"do not lie aligned", [](auto &t) { t.parameters[0]->offset = 4; }},
      {"do not lie aligned", [](auto &t) { t.parameters[0]->bytes = 81; }},
      {"do not lie aligned", [](auto &t) { t.parameters[0]->bytes = ~0ull; }},
      {"do not lie aligned",
       [](auto &t) { t.parameters[0]->offset = ~0ull << 6; }},
      {"variant 0: segment 1 does not hold code",
       [](auto &t) { t.variants[0]->segment = 1; }},
      {"variant 0: segment 99 does not hold code",
       [](auto &t) { t.variants[0]->segment = 99; }},
      {"impossible scratch", [](auto &t) { t.kernels[0]->scratch = ~0ull; }},
  });
}

TEST(Verify, States) {
  expectRefused({
      {"state 'rows': unknown kind",
       [](auto &t) { t.states[0]->kind = fb::StateKind(3); }},
      {"state 'rows': unknown type",
       [](auto &t) { t.states[0]->type = fb::DataType(99); }},
      {"rank of 8 at most",
       [](auto &t) { t.states[0]->row_dims.resize(9, 1); }},
      {"do not give 17 bytes", [](auto &t) { t.states[0]->row_bytes = 17; }},
      {"do not give", [](auto &t) { t.states[0]->row_dims[0] = -4; }},
      {"impossible size", [](auto &t) { t.states[0]->capacity = 0; }},
      {"impossible size", [](auto &t) { t.states[0]->capacity = 1ull << 60; }},
      {"window from 1", [](auto &t) { t.states[1]->window = 0; }},
      {"window from 1", [](auto &t) { t.states[1]->window = 24; }},
      {"capacity of 1", [](auto &t) { t.states[2]->capacity = 2; }},
      {"cannot be its first contents",
       [](auto &t) { t.states[2]->initial = 5; }},
      {"cannot be its first contents",
       [](auto &t) { t.states[0]->initial = 1; }},
      {"cannot be its first contents",
       [](auto &t) { t.parameters[1]->bytes = 8; }},
  });
}

TEST(Verify, Functions) {
  expectRefused({
      {"slots", [](auto &t) { t.functions[0]->slots = ~0u; }},
      {"slots", [](auto &t) { t.functions[0]->slots = 1; }},
      {"largest value of at least 1",
       [](auto &t) { t.functions[0]->symbols[0]->max = 0; }},
      {"overflow with every symbol",
       [](auto &t) { t.functions[0]->symbols[0]->max = INT64_MAX; }},
      {"impossible arena",
       [](auto &t) { t.functions[0]->symbols[0]->max = 1ll << 40; }},
      {"arena: slot 999", [](auto &t) { t.functions[0]->arena = 999; }},
      {"tokens: slot 999", [](auto &t) { t.functions[1]->tokens = 999; }},
      {"'x': unknown type",
       [](auto &t) { t.functions[0]->inputs[0]->type = fb::DataType(77); }},
      {"dimension 0 is no symbol",
       [](auto &t) { t.functions[0]->inputs[0]->dims[0] = ~2; }},
      {"dimension 0 is no symbol",
       [](auto &t) { t.functions[0]->inputs[0]->dims[0] = INT64_MIN; }},
      {"dimension 0 is no static slot",
       [](auto &t) { t.functions[0]->outputs[0]->dims[0] = INT64_MIN; }},
      {"no input names symbol 1",
       [](auto &t) { t.functions[0]->inputs[0]->dims[1] = 5; }},
      {"rank of 8 at most",
       [](auto &t) { t.functions[0]->inputs[0]->dims.resize(9, 1); }},
      {"kernel 77 is not one of 6",
       [](auto &t) { t.functions[0]->launches[0]->kernel = 77; }},
      {"launch: slot 999",
       [](auto &t) { t.functions[0]->launches[0]->tasks = 999; }},
      {"launch: slot 999",
       [](auto &t) { t.functions[0]->launches[0]->scalars[0] = 999; }},
      {"operand 3 of space 3",
       [](auto &t) { t.functions[0]->launches[0]->operands[0] = in(3, 0, 0); }},
      {"operand 0 of space 9",
       [](auto &t) {
         t.functions[0]->launches[0]->operands[0] =
             fb::Operand(fb::Space(9), 0, 0, 0);
       }},
      {"operand 1 of space 0",
       [](auto &t) {
         t.functions[0]->launches[0]->operands[0] =
             fb::Operand(fb::Space::Arena, 1, 0, 0);
       }},
      {"operand 0 of space 2", // "scale" has no states
       [](auto &t) {
         t.functions[0]->launches[0]->operands[0] = state(0, 0, 0);
       }},
      {"writes what is only read",
       [](auto &t) { *t.functions[7]->copies[0]->to = parameter(0, 0, 0); }},
      {"writes what is only read",
       [](auto &t) { *t.functions[7]->copies[0]->to = in(0, 0, 0); }},
      {"type of integers",
       [](auto &t) { t.functions[4]->loads[0]->type = fb::DataType::f32; }},
  });
}

namespace {
/// A function of one symbol whose body a test writes.
struct BodyOf {
  FunctionBuilder f{"f"};
  Slot n, zero;
  BodyOf() {
    n = f.symbol("n", 10);
    f.input("x", fb::DataType::f32, {~int64_t(n)});
    zero = f.constant(0);
    f.get().arena = zero;
  }
  weft_status load() {
    Artifact artifact = makeArtifact();
    artifact.tables.functions.clear();
    artifact.tables.functions.push_back(f.take());
    return ::load(artifact.write());
  }
};
} // namespace

static void expectBody(const char *message,
                       const std::function<void(BodyOf &)> &write) {
  BodyOf body;
  write(body);
  if (message)
    EXPECT_FAILS(WEFT_CORRUPT, message, body.load());
  else
    EXPECT_STREQ("", body.load().message);
}

TEST(Verify, Instructions) {
  expectBody("unknown opcode", [](BodyOf &b) { b.f.emit(Opcode(99)); });
  expectBody("slot to write does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Constant, 1, 99); });
  expectBody("writes a symbol",
             [](BodyOf &b) { b.f.emit(Opcode::Constant, 1, b.n); });
  expectBody("slot to read does not exist",
             [](BodyOf &b) { b.f.binary(Opcode::Add, 0, 99); });
  expectBody("slot to read does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Select, -1, b.f.fresh()); });
  expectBody("in a function without", [](BodyOf &b) { b.f.stateLength(0); });
  expectBody("the state does not exist", [](BodyOf &b) {
    b.f.get().tokens = b.n;
    b.f.stateOffset(9);
  });
  expectBody("the launch does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Launch, 0); });
  expectBody("the launch does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Launch, -1); });
  expectBody("the copy does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Copy, 5); });
  expectBody("the load does not exist",
             [](BodyOf &b) { b.f.emit(Opcode::Load, 1ll << 40, b.f.fresh()); });
}

TEST(Verify, ControlFlow) {
  expectBody("does not end in its region", [](BodyOf &b) {
    b.f.emit(Opcode::For, 0, b.f.fresh(), b.zero, b.n);
  });
  expectBody("does not end in its region", [](BodyOf &b) {
    b.f.emit(Opcode::For, 2, b.f.fresh(), b.zero, b.n); // the end of the body
  });
  expectBody("an End without its For",
             [](BodyOf &b) { b.f.emit(Opcode::End, 0); });
  expectBody("an End without its For", [](BodyOf &b) {
    b.f.emit(Opcode::For, 3, b.f.fresh(), b.zero, b.n);
    b.f.emit(Opcode::End, 1);
    b.f.emit(Opcode::End, 1);
  });
  expectBody("names another For", [](BodyOf &b) {
    b.f.emit(Opcode::For, 2, b.f.fresh(), b.zero, b.n);
    b.f.emit(Opcode::End, 0);
  });
  expectBody("skips backwards",
             [](BodyOf &b) { b.f.emit(Opcode::SkipUnless, 0, 0, b.n); });
  expectBody("skips backwards",
             [](BodyOf &b) { b.f.emit(Opcode::SkipUnless, 1, 0, b.n); });
  expectBody("out of its region",
             [](BodyOf &b) { b.f.emit(Opcode::SkipUnless, 3, 0, b.n); });
  expectBody("out of its region", [](BodyOf &b) { // out of a loop
    b.f.emit(Opcode::For, 3, b.f.fresh(), b.zero, b.n);
    b.f.emit(Opcode::SkipUnless, 4, 0, b.n);
    b.f.emit(Opcode::End, 1);
  });
  expectBody("does not end in its region", [](BodyOf &b) { // into a loop
    b.f.emit(Opcode::SkipUnless, 4, 0, b.n);
    b.f.emit(Opcode::For, 5, b.f.fresh(), b.zero, b.n);
    b.f.constant(1);
    b.f.constant(2);
    b.f.emit(Opcode::End, 2);
  });
  expectBody("nested too deep", [](BodyOf &b) {
    for (int i = 0; i < 300; ++i)
      b.f.beginFor(b.zero, b.n);
    for (int i = 0; i < 300; ++i)
      b.f.endFor();
  });
  // A chain of exits to one place is not deep.
  expectBody(nullptr, [](BodyOf &b) {
    for (int i = 0; i < 300; ++i)
      b.f.emit(Opcode::SkipUnless, 301, 0, b.n);
  });
  expectBody(nullptr, [](BodyOf &b) {
    b.f.beginFor(b.zero, b.n);
    b.f.beginSkipUnless(b.n);
    b.f.beginFor(b.zero, b.n);
    b.f.endFor();
    b.f.endSkip(); // at the End
    b.f.endFor();
  });
}

TEST(Verify, StaticSlots) {
  auto expectStatic = [](bool isStatic, auto compute) {
    expectBody(isStatic ? nullptr : "is not static",
               [&](BodyOf &b) { b.f.get().arena = compute(b); });
  };
  expectStatic(true, [](BodyOf &b) { return b.n; });
  expectStatic(true, [](BodyOf &b) { return b.f.add(b.n, b.zero); });
  expectStatic(false, [](BodyOf &b) { return b.f.fresh(); });
  expectStatic(false, [](BodyOf &b) { // written twice
    Slot slot = b.f.constant(1);
    b.f.emit(Opcode::Constant, 2, slot);
    return slot;
  });
  expectStatic(false, [](BodyOf &b) { // in a loop
    b.f.beginFor(b.zero, b.n);
    Slot slot = b.f.constant(1);
    b.f.endFor();
    return slot;
  });
  expectStatic(false, [](BodyOf &b) { // may be skipped
    b.f.beginSkipUnless(b.n);
    Slot slot = b.f.constant(1);
    b.f.endSkip();
    return slot;
  });
  expectStatic(false, [](BodyOf &b) { // of a state
    b.f.get().tokens = b.n;
    return b.f.add(b.f.stateLength(0), b.n);
  });
  expectStatic(false, [](BodyOf &b) { // of data
    return b.f.load(in(0, b.zero, b.f.constant(4)), fb::DataType::i32);
  });
  expectStatic(false, [](BodyOf &b) { // read before it is written
    Slot late = b.f.fresh();
    b.f.add(late, b.n);
    b.f.emit(Opcode::Constant, 64, late);
    return late;
  });
}

TEST(Verify, SharedTablesDoNotTakeForEver) {
  // A launch with many operands, that very many instructions name.
  BodyOf b;
  std::vector<fb::Operand> operands(4000, in(0, b.zero, b.zero));
  b.f.launch(Nothing, b.zero, operands, {});
  for (int i = 0; i < 100000; ++i)
    b.f.emit(Opcode::Launch, 0);
  EXPECT_FAILS(WEFT_CORRUPT, "too much to verify", b.load());
}
