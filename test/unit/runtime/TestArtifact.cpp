//===- TestArtifact.cpp - The artifact that most tests use ----------------===//

#include "test/unit/runtime/ArtifactBuilder.h"

#include <cstring>

using namespace weft;
using namespace weft::test;
using fb::DataType;
using fb::Opcode;

static constexpr int64_t kRowBytes = kWidth * 4;

static std::unique_ptr<fb::FunctionT> makeScale() {
  FunctionBuilder f("scale");
  Slot b = f.symbol("b", 8), l = f.symbol("l", 1000);
  f.input("x", DataType::f32, {~int64_t(b), ~int64_t(l)});
  f.output("y", DataType::f32, {~int64_t(b), ~int64_t(l)});
  Slot zero = f.constant(0), count = f.mul(b, l);
  Slot bytes = f.scale(count, 4);
  // Two pieces of the arena, each at a multiple of 64.
  Slot second = f.scale(f.binary(Opcode::CeilDiv, bytes, f.constant(64)), 64);
  f.get().arena = f.add(second, bytes);
  f.launch(Scale, count, {in(0, zero, bytes), arena(second, bytes)},
           {f.constant(2)}, "times two");
  f.launch(Scale, count, {arena(second, bytes), arena(zero, bytes)},
           {f.constant(3)}, "times \"three\"");
  f.copy(arena(zero, bytes), out(0, zero, bytes));
  return f.take();
}

/// The slots of a piece of n rows.
static std::unique_ptr<fb::FunctionT> makeStep(const char *name,
                                               bool withSummary) {
  FunctionBuilder f(name);
  Slot n = f.symbol("n", kCapacity);
  f.input("x", DataType::f32, {~int64_t(n), kWidth});
  f.output("y", DataType::f32, {~int64_t(n), kWidth});
  Slot zero = f.constant(0), width = f.constant(kWidth);
  Slot bytes = f.scale(n, kRowBytes);
  f.get().arena = zero;
  f.get().tokens = n;

  Slot length = f.stateLength(Rows);
  Slot end = f.scale(f.add(f.stateOffset(Rows), length), kRowBytes);
  f.copy(in(0, zero, bytes), state(Rows, end, bytes));
  f.launch(Prefix, n,
           {state(Rows, zero, f.add(end, bytes)), out(0, zero, bytes)},
           {length, width}, "prefix");

  Slot first = f.add(f.stateOffset(Recent), f.stateLength(Recent));
  Slot firstByte = f.scale(first, kRowBytes);
  Slot windowBytes = f.constant(kWindow * kRowBytes);
  f.copy(in(0, zero, bytes), state(Recent, firstByte, bytes));
  f.launch(Window, n,
           {state(Recent, f.binary(Opcode::Sub, firstByte, windowBytes),
                  f.add(windowBytes, bytes)),
            out(0, zero, bytes)},
           {f.constant(kWindow), width}, "window");

  if (withSummary)
    f.launch(Decay, f.constant(1),
             {state(Summary, zero, f.constant(kRowBytes)), in(0, zero, bytes),
              out(0, zero, bytes)},
             {n, width}, "decay");
  return f.take();
}

static std::unique_ptr<fb::FunctionT> makeReverse() {
  FunctionBuilder f("reverse");
  Slot n = f.symbol("n", 100);
  f.input("x", DataType::f32, {~int64_t(n)});
  f.output("y", DataType::f32, {~int64_t(n)});
  Slot zero = f.constant(0), one = f.constant(1), four = f.constant(4);
  f.get().arena = zero;
  Slot i = f.beginFor(zero, n);
  Slot from = f.binary(Opcode::Sub, f.binary(Opcode::Sub, n, one), i);
  f.copy(in(0, f.mul(from, four), four), out(0, f.mul(i, four), four));
  f.endFor();
  return f.take();
}

static std::unique_ptr<fb::FunctionT> makeChoose() {
  FunctionBuilder f("choose");
  Slot n = f.symbol("n", 100);
  f.input("flag", DataType::i64, {1});
  f.input("x", DataType::f32, {~int64_t(n)});
  f.output("y", DataType::f32, {~int64_t(n)});
  Slot zero = f.constant(0), bytes = f.scale(n, 4);
  f.get().arena = zero;
  Slot flag = f.load(in(0, zero, f.constant(8)), DataType::i64);
  f.beginSkipUnless(flag);
  f.copy(in(1, zero, bytes), out(0, zero, bytes));
  f.endSkip();
  f.beginSkipUnless(f.binary(Opcode::Equal, flag, zero));
  f.launch(Scale, n, {in(1, zero, bytes), out(0, zero, bytes)},
           {f.constant(2)});
  f.endSkip();
  return f.take();
}

static std::unique_ptr<fb::FunctionT> makeDouble() {
  FunctionBuilder f("double");
  Slot n = f.symbol("n", 100);
  f.input("x", DataType::f32, {~int64_t(n)});
  Slot zero = f.constant(0), bytes = f.scale(n, 4);
  Slot size = f.add(f.scale(n, 2), f.constant(1));
  f.output("y", DataType::f32, {~int64_t(size)});
  f.get().arena = zero;
  f.copy(in(0, zero, bytes), out(0, zero, bytes));
  f.copy(in(0, zero, bytes), out(0, bytes, bytes));
  f.copy(in(0, zero, f.constant(4)), out(0, f.scale(bytes, 2), f.constant(4)));
  return f.take();
}

static std::unique_ptr<fb::FunctionT> makeCount() {
  FunctionBuilder f("count");
  Slot n = f.symbol("n", 100000);
  f.input("x", DataType::f32, {~int64_t(n)});
  f.output("y", DataType::i32, {~int64_t(n)});
  f.get().arena = f.constant(0);
  f.launch(Count, n, {out(0, f.get().arena, f.scale(n, 4))}, {});
  return f.take();
}

static std::unique_ptr<fb::FunctionT> makeWeigh() {
  FunctionBuilder f("weigh");
  Slot n = f.symbol("n", 100);
  f.input("x", DataType::f32, {~int64_t(n)});
  f.output("y", DataType::f32, {~int64_t(n)});
  Slot zero = f.constant(0);
  f.get().arena = zero;
  f.copy(parameter(0, zero, f.constant(4)), out(0, zero, f.constant(4)));
  return f.take();
}

static std::unique_ptr<fb::StateT>
makeState(const char *name, fb::StateKind kind, int64_t capacity) {
  auto state = std::make_unique<fb::StateT>();
  state->name = name;
  state->kind = kind;
  state->type = DataType::f32;
  state->row_dims = {kWidth};
  state->row_bytes = kRowBytes;
  state->capacity = uint64_t(capacity);
  return state;
}

static void addStates(fb::ProgramT &tables) {
  tables.states.push_back(makeState("rows", fb::StateKind::Append, kCapacity));
  tables.states.push_back(
      makeState("recent", fb::StateKind::Last, kRecentCapacity));
  tables.states.back()->window = kWindow;
  tables.states.push_back(makeState("summary", fb::StateKind::Fixed, 1));
  tables.states.back()->initial = 1;
}

static void addKernels(fb::ProgramT &tables) {
  for (const char *symbol : {"test_scale", "test_prefix", "test_window",
                             "test_decay", "test_count", "test_nothing"}) {
    auto kernel = std::make_unique<fb::KernelT>();
    kernel->symbol = symbol;
    kernel->scratch = 64 * 8;
    tables.kernels.push_back(std::move(kernel));
  }
}

static void addParameter(fb::ProgramT &tables, const char *name,
                         uint64_t offset, uint64_t bytes) {
  auto parameter = std::make_unique<fb::ParameterT>();
  parameter->name = name;
  parameter->segment = 1;
  parameter->offset = offset;
  parameter->bytes = bytes;
  tables.parameters.push_back(std::move(parameter));
}

Artifact weft::test::makeArtifact() {
  Artifact artifact;
  fb::ProgramT &tables = artifact.tables;
  tables.producer = "weft tests";
  addKernels(tables);
  addStates(tables);
  tables.functions.push_back(makeScale());
  tables.functions.push_back(makeStep("step", true));
  tables.functions.push_back(makeStep("attend", false));
  tables.functions.push_back(makeReverse());
  tables.functions.push_back(makeChoose());
  tables.functions.push_back(makeDouble());
  tables.functions.push_back(makeCount());
  tables.functions.push_back(makeWeigh());

  // Weights at 0, the first contents of the Fixed state at 64.
  std::vector<uint8_t> weights(64 + kRowBytes);
  const float first[] = {42, 1, 2, 3}, initial[] = {0.5f, 1, 2, 4};
  memcpy(weights.data(), first, sizeof(first));
  memcpy(weights.data() + 64, initial, sizeof(initial));
  artifact.segments = {readKernels(), weights};
  for (fb::SegmentKind kind :
       {fb::SegmentKind::Code, fb::SegmentKind::Parameters}) {
    auto segment = std::make_unique<fb::SegmentT>();
    segment->kind = kind;
    tables.segments.push_back(std::move(segment));
  }
  addParameter(tables, "weight", 0, sizeof(first));
  addParameter(tables, "initial", 64, sizeof(initial));

  auto variant = std::make_unique<fb::VariantT>();
  variant->level = "baseline";
  variant->segment = 0;
  tables.variants.push_back(std::move(variant));
  auto setting = std::make_unique<fb::SettingT>();
  setting->key = "family";
  setting->value = "test";
  tables.metadata.push_back(std::move(setting));
  return artifact;
}
