//===- ExecutorTest.cpp - Opcodes, dimensions and bounds ------------------===//

#include "runtime/module/Header.h"
#include "test/unit/runtime/Fixture.h"

#include <functional>
#include <numeric>

using namespace weft;
using namespace weft::test;
using fb::DataType;
using fb::Opcode;

namespace {
/// A function f(x [n] f32, a [1] i64, b [1] i64) -> y [n] f32 of a test's body,
/// whose slots a test can look at by copying as many bytes of x as they say.
struct Calculation {
  FunctionBuilder f{"f"};
  Slot n, zero, four, a, b;
  Calculation() {
    n = f.symbol("n", 1000);
    f.input("x", DataType::f32, {~int64_t(n)});
    f.input("a", DataType::i64, {1});
    f.input("b", DataType::i64, {1});
    f.output("y", DataType::f32, {~int64_t(n)});
    zero = f.constant(0);
    four = f.constant(4);
    f.get().arena = zero;
    a = f.load(in(1, zero, f.constant(8)), DataType::i64);
    b = f.load(in(2, zero, f.constant(8)), DataType::i64);
  }

  /// Runs it; y begins as zeros, x as 1, 2, …
  weft_status run(int64_t valueA, int64_t valueB, Floats &y,
                  int64_t maxInstructions = 0) {
    if (!loaded) {
      Artifact artifact = makeArtifact();
      artifact.tables.functions.clear();
      artifact.tables.functions.push_back(f.take());
      loaded = std::make_unique<Loaded>(artifact);
    }
    weft_session_options options;
    weft_session_options_init(&options);
    options.threads = 1;
    options.max_instructions = maxInstructions;
    weft_session *session = loaded->open(options);
    Floats x(1000);
    std::iota(x.begin(), x.end(), 1.0f);
    y.assign(1000, 0);
    weft_tensor inputs[3] = {viewOf(x, {1000}), view(&valueA, {1}),
                             view(&valueB, {1})};
    weft_tensor output = viewOf(y, {1000});
    weft_status status = weft_session_run(session, 0, inputs, 3, &output, 1);
    weft_session_release(session);
    return status;
  }
  std::unique_ptr<Loaded> loaded;
};
} // namespace

/// What `compute` makes of a and b, which must be from 0 to 999.
static int64_t calculate(int64_t a, int64_t b,
                         const std::function<Slot(Calculation &)> &compute) {
  Calculation c;
  Slot bytes = c.f.mul(compute(c), c.four);
  c.f.copy(in(0, bytes, c.four), out(0, c.zero, c.four));
  Floats y;
  weft_status status = c.run(a, b, y);
  EXPECT_STREQ("", status.message);
  return int64_t(y[0]) - 1;
}

static int64_t calculate(Opcode op, int64_t a, int64_t b) {
  // Moved up, so that negative results can be looked at too.
  return calculate(a, b,
                   [&](Calculation &c) {
                     return c.f.add(c.f.binary(op, c.a, c.b),
                                    c.f.constant(500));
                   }) -
         500;
}

TEST(Executor, Arithmetic) {
  EXPECT_EQ(7, calculate(Opcode::Add, 3, 4));
  EXPECT_EQ(-1, calculate(Opcode::Sub, 3, 4));
  EXPECT_EQ(-12, calculate(Opcode::Mul, -3, 4));
  EXPECT_EQ(2, calculate(Opcode::FloorDiv, 7, 3));
  EXPECT_EQ(-3, calculate(Opcode::FloorDiv, -7, 3));
  EXPECT_EQ(-3, calculate(Opcode::FloorDiv, 7, -3));
  EXPECT_EQ(2, calculate(Opcode::FloorDiv, -7, -3));
  EXPECT_EQ(-7, calculate(Opcode::FloorDiv, 7, -1));
  EXPECT_EQ(3, calculate(Opcode::CeilDiv, 7, 3));
  EXPECT_EQ(-2, calculate(Opcode::CeilDiv, -7, 3));
  EXPECT_EQ(2, calculate(Opcode::CeilDiv, 6, 3));
  EXPECT_EQ(-7, calculate(Opcode::CeilDiv, 7, -1));
  EXPECT_EQ(1, calculate(Opcode::Mod, 7, 3));
  EXPECT_EQ(2, calculate(Opcode::Mod, -7, 3));
  EXPECT_EQ(0, calculate(Opcode::Mod, 7, -1));
  EXPECT_EQ(3, calculate(Opcode::Min, 3, 4));
  EXPECT_EQ(4, calculate(Opcode::Max, 3, 4));
  EXPECT_EQ(1, calculate(Opcode::Less, 3, 4));
  EXPECT_EQ(0, calculate(Opcode::Less, 4, 4));
  EXPECT_EQ(1, calculate(Opcode::Equal, 4, 4));
  auto selectA = [](Calculation &c) {
    return c.f.select(c.f.binary(Opcode::Less, c.a, c.b), c.a, c.b);
  };
  EXPECT_EQ(3, calculate(3, 9, selectA));
  EXPECT_EQ(5, calculate(8, 5, selectA));
}

TEST(Executor, ArithmeticThatFails) {
  auto expectFailure = [](Opcode op, int64_t a, int64_t b,
                          const char *message) {
    Calculation c;
    c.f.binary(op, c.a, c.b);
    Floats y;
    EXPECT_FAILS(WEFT_EXECUTION_FAILED, message, c.run(a, b, y));
  };
  expectFailure(Opcode::FloorDiv, 7, 0, "function 'f': division by zero");
  expectFailure(Opcode::CeilDiv, 7, 0, "division by zero");
  expectFailure(Opcode::Mod, 7, 0, "division by zero");
  expectFailure(Opcode::FloorDiv, INT64_MIN, -1, "overflow");
  expectFailure(Opcode::CeilDiv, INT64_MIN, -1, "overflow");
  expectFailure(Opcode::Mod, INT64_MIN, -1, "overflow");
  expectFailure(Opcode::Add, INT64_MAX, 1, "overflow");
  expectFailure(Opcode::Sub, INT64_MIN, 1, "overflow");
  expectFailure(Opcode::Mul, INT64_MAX, 2, "overflow");
}

TEST(Executor, Loops) {
  // Triangle numbers by two loops, one in the other.
  auto triangle = [](Calculation &c) {
    Slot sum = c.f.fresh(), one = c.f.constant(1);
    Slot i = c.f.beginFor(c.zero, c.a);
    c.f.beginFor(c.zero, i);
    c.f.emit(Opcode::Add, 0, sum, sum, one);
    c.f.endFor();
    c.f.endFor();
    return sum; // not written but in the loop: it begins as zero
  };
  EXPECT_EQ(0, calculate(0, 0, triangle));
  EXPECT_EQ(0, calculate(-5, 0, triangle));
  EXPECT_EQ(0, calculate(1, 0, triangle));
  EXPECT_EQ(10, calculate(5, 0, triangle));
  EXPECT_EQ(780, calculate(40, 0, triangle));
}

TEST(Executor, SkipsRunOrNot) {
  auto clamp = [](Calculation &c) { // if (a < b) a = 7, within a loop of one
    Slot value = c.f.fresh();
    c.f.beginFor(c.zero, c.f.constant(1));
    c.f.emit(Opcode::Add, 0, value, c.a, c.zero);
    c.f.beginSkipUnless(c.f.binary(Opcode::Less, c.a, c.b));
    c.f.emit(Opcode::Constant, 7, value);
    c.f.endSkip();
    c.f.endFor();
    return value;
  };
  EXPECT_EQ(7, calculate(3, 4, clamp));
  EXPECT_EQ(4, calculate(4, 4, clamp));
}

TEST(Executor, SlotsBeginAsZeroInEveryCall) {
  Calculation c;
  Slot seen = c.f.fresh();
  // Reads before it writes: must not see the last call's value.
  c.f.copy(in(0, c.f.mul(seen, c.four), c.four), out(0, c.zero, c.four));
  c.f.emit(Opcode::Add, 0, seen, c.a, c.zero);
  Floats y;
  Artifact artifact = makeArtifact();
  artifact.tables.functions.clear();
  artifact.tables.functions.push_back(c.f.take());
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  for (int call = 0; call < 2; ++call) {
    Floats x = {10, 20, 30}, result(3);
    int64_t a = 2, b = 0;
    weft_tensor inputs[3] = {viewOf(x, {3}), view(&a, {1}), view(&b, {1})};
    weft_tensor output = viewOf(result, {3});
    ASSERT_STREQ("",
                 weft_session_run(session, 0, inputs, 3, &output, 1).message);
    EXPECT_EQ(10, result[0]);
  }
  weft_session_release(session);
}

TEST(Executor, EndlessLoopsEnd) {
  Calculation c;
  c.f.beginFor(c.zero, c.a);
  c.f.endFor();
  Floats y;
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "taken for endless",
               c.run(INT64_MAX, 0, y, 100000));
  EXPECT_EQ(WEFT_OK, c.run(1000, 0, y, 100000).code);
}

TEST(Executor, LoadsAllIntegers) {
  auto expectLoad = [](DataType type, int64_t bytes, int64_t stored,
                       int64_t expected) {
    Calculation c;
    Slot value = c.f.load(in(1, c.zero, c.f.constant(bytes)), type);
    Slot moved = c.f.add(value, c.f.constant(500));
    c.f.copy(in(0, c.f.mul(moved, c.four), c.four), out(0, c.zero, c.four));
    Floats y;
    EXPECT_STREQ("", c.run(stored, 0, y).message);
    EXPECT_EQ(expected, int64_t(y[0]) - 501);
  };
  expectLoad(DataType::i8, 1, 0xffffff85, -123);
  expectLoad(DataType::u8, 1, 0xffffff85, 133);
  expectLoad(DataType::i1, 1, 1, 1);
  expectLoad(DataType::i16, 2, 0xffff - 99, -100);
  expectLoad(DataType::i32, 4, -77, -77);
  expectLoad(DataType::i64, 8, -78, -78);
  Calculation c;
  c.f.load(in(1, c.zero, c.f.constant(3)), DataType::i32);
  Floats y;
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "load: 3 bytes at 0", c.run(0, 0, y));
}

TEST(Executor, OperandsStayInTheirSpace) {
  auto copyOf = [](int64_t offset, int64_t extent) {
    Calculation c;
    c.f.copy(in(0, c.a, c.b), out(0, c.zero, c.b));
    Floats y;
    return c.run(offset, extent, y);
  };
  EXPECT_EQ(WEFT_OK, copyOf(0, 4000).code);
  EXPECT_EQ(WEFT_OK, copyOf(4000, 0).code);
  EXPECT_FAILS(WEFT_EXECUTION_FAILED,
               "function 'f': copy: 4 bytes at 3997 do not lie in the 4000 "
               "bytes of input 0",
               copyOf(3997, 4));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "do not lie in", copyOf(4001, 0));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "do not lie in", copyOf(-4, 4));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "do not lie in", copyOf(0, -4));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "do not lie in", copyOf(8, INT64_MAX));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "do not lie in", copyOf(INT64_MAX, 8));

  Calculation launch;
  launch.f.launch(Nothing, launch.n, {out(0, launch.a, launch.b)}, {}, "op");
  Floats y;
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "op: 8 bytes at 3996",
               launch.run(3996, 8, y));
  Calculation negative;
  negative.f.launch(Nothing, negative.a, {}, {}, "op");
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "a launch of -1 tasks",
               negative.run(-1, 0, y));
  EXPECT_EQ(WEFT_OK, negative.run(0, 0, y).code);
  Calculation uneven;
  uneven.f.copy(in(0, uneven.zero, uneven.a), out(0, uneven.zero, uneven.b));
  EXPECT_FAILS(WEFT_EXECUTION_FAILED, "a copy of 8 bytes to 12 bytes",
               uneven.run(8, 12, y));
}

TEST(Executor, ArenaAndStrings) {
  Loaded loaded;
  weft_session *session = loaded.open(2);
  for (int64_t l : {1, 7, 1000, 3, 0}) {
    Floats x(2 * l), y(2 * l, NAN);
    std::iota(x.begin(), x.end(), -5.0f);
    weft_tensor input = viewOf(x, {2, l}), output = viewOf(y, {2, l});
    ASSERT_STREQ("", weft_session_run(session, loaded.find("scale"), &input, 1,
                                      &output, 1)
                         .message);
    for (size_t i = 0; i < y.size(); ++i)
      EXPECT_EQ(6 * x[i], y[i]);
  }
  weft_session_release(session);
}

TEST(Executor, CopiesBackwards) {
  Loaded loaded;
  weft_session *session = loaded.open();
  Floats x = {1, 2, 3, 4, 5}, y(5);
  weft_tensor input = viewOf(x, {5}), output = viewOf(y, {5});
  ASSERT_STREQ("", weft_session_run(session, loaded.find("reverse"), &input, 1,
                                    &output, 1)
                       .message);
  EXPECT_EQ((Floats{5, 4, 3, 2, 1}), y);
  weft_session_release(session);
}

TEST(Executor, ControlFlowByData) {
  Loaded loaded;
  weft_session *session = loaded.open();
  for (int64_t flag : {0, 1}) {
    Floats x = {1, 2}, y(2);
    weft_tensor inputs[2] = {view(&flag, {1}), viewOf(x, {2})};
    weft_tensor output = viewOf(y, {2});
    ASSERT_STREQ("", weft_session_run(session, loaded.find("choose"), inputs, 2,
                                      &output, 1)
                         .message);
    EXPECT_EQ(flag ? (Floats{1, 2}) : (Floats{2, 4}), y);
  }
  weft_session_release(session);
}

TEST(Executor, ReadsParameters) {
  Loaded loaded;
  weft_session *session = loaded.open();
  Floats x = {1}, y(1);
  weft_tensor input = viewOf(x, {1}), output = viewOf(y, {1});
  ASSERT_STREQ(
      "", weft_session_run(session, loaded.find("weigh"), &input, 1, &output, 1)
              .message);
  EXPECT_EQ(42, y[0]);
  weft_session_release(session);
}

TEST(Executor, InfersOutputs) {
  Loaded loaded;
  weft_session *session = loaded.open();
  Floats x = {1, 2};
  weft_tensor input = viewOf(x, {2}), output = {};
  input.data = nullptr; // not needed yet
  ASSERT_STREQ("", weft_session_infer_outputs(session, loaded.find("double"),
                                              &input, 1, &output, 1)
                       .message);
  EXPECT_EQ(WEFT_F32, output.dtype);
  EXPECT_EQ(1, output.rank);
  EXPECT_EQ(5, output.dims[0]);
  Floats y(5);
  input = viewOf(x, {2});
  output.data = y.data();
  ASSERT_STREQ("", weft_session_run(session, loaded.find("double"), &input, 1,
                                    &output, 1)
                       .message);
  EXPECT_EQ((Floats{1, 2, 1, 2, 1}), y);
  weft_session_release(session);
}

TEST(Executor, ChecksTheCallersTensors) {
  Loaded loaded;
  weft_session *session = loaded.open();
  const size_t scale = loaded.find("scale");
  Floats x(12), y(12);
  const weft_tensor goodX = viewOf(x, {3, 4}), goodY = viewOf(y, {3, 4});
  auto run = [&](weft_tensor in, weft_tensor out) {
    return weft_session_run(session, scale, &in, 1, &out, 1);
  };
  ASSERT_EQ(WEFT_OK, run(goodX, goodY).code);
  weft_tensor bad = goodX;
  bad.dtype = WEFT_I32;
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH,
               "function 'scale': 'x': expected type f32 but got i32",
               run(bad, goodY));
  bad = goodX;
  bad.rank = 1;
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH, "expected rank 2 but got 1",
               run(bad, goodY));
  bad = goodX;
  bad.dims[0] = 9;
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH,
               "'x': axis 0 (b): expected from 0 to 8 but got 9",
               run(bad, goodY));
  bad.dims[0] = -1;
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH, "axis 0 (b)", run(bad, goodY));
  bad = goodY;
  bad.dims[1] = 5;
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH, "'y': axis 1: expected 4 but got 5",
               run(goodX, bad));
  bad = goodX;
  bad.data = nullptr;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "'x': expected data aligned to 4 bytes",
               run(bad, goodY));
  bad = goodY;
  bad.data = reinterpret_cast<char *>(y.data()) + 1;
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "'y': expected data aligned",
               run(goodX, bad));
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT,
               "expected 1 inputs and 1 outputs but got "
               "0 and 1",
               weft_session_run(session, scale, nullptr, 0, &goodY, 1));
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "must not be null",
               weft_session_run(session, scale, nullptr, 1, &goodY, 1));
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "function 99 is not one of 8",
               weft_session_run(session, 99, &goodX, 1, &goodY, 1));
  EXPECT_FAILS(WEFT_INVALID_ARGUMENT, "session must not be null",
               weft_session_run(nullptr, scale, &goodX, 1, &goodY, 1));
  // Fixed dimensions, and none of that did any harm.
  Floats rows(3 * 5);
  weft_tensor wide = viewOf(rows, {3, 5}), out = viewOf(rows, {3, 5});
  EXPECT_FAILS(
      WEFT_SHAPE_MISMATCH, "'x': axis 1: expected 4 but got 5",
      weft_session_run(session, loaded.find("step"), &wide, 1, &out, 1));
  EXPECT_EQ(WEFT_OK, run(goodX, goodY).code);
  weft_session_release(session);
}

TEST(Executor, PositionWithoutAState) {
  // y = x[position], of a program that has no state at all and no scratch.
  FunctionBuilder f("next");
  Slot n = f.symbol("n", 10);
  f.input("x", DataType::f32, {~int64_t(n)});
  f.output("y", DataType::f32, {1});
  f.get().tokens = f.constant(2);
  Slot four = f.constant(4), zero = f.constant(0);
  f.copy(in(0, f.mul(f.stateLength(kNone), four), four), out(0, zero, four));
  Artifact artifact = makeArtifact();
  artifact.tables.functions.clear();
  artifact.tables.states.clear();
  artifact.tables.functions.push_back(f.take());
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  EXPECT_EQ(INT64_MAX, weft_session_get_capacity(session));
  for (float expected : {10.0f, 30.0f}) {
    Floats x = {10, 20, 30}, y(1);
    weft_tensor input = viewOf(x, {3}), output = viewOf(y, {1});
    ASSERT_STREQ("",
                 weft_session_run(session, 0, &input, 1, &output, 1).message);
    EXPECT_EQ(expected, y[0]);
  }
  EXPECT_EQ(4, weft_session_get_position(session));
  weft_session_release(session);
}

TEST(Executor, SymbolsAgree) {
  FunctionBuilder f("add");
  Slot n = f.symbol("n", 10);
  f.input("a", DataType::f32, {~int64_t(n)});
  f.input("b", DataType::f32, {2, ~int64_t(n)});
  f.get().arena = f.constant(0);
  Artifact artifact = makeArtifact();
  artifact.tables.functions.clear();
  artifact.tables.functions.push_back(f.take());
  Loaded loaded(artifact);
  weft_session *session = loaded.open();
  Floats a(10), b(20);
  weft_tensor inputs[2] = {viewOf(a, {3}), viewOf(b, {2, 4})};
  EXPECT_FAILS(WEFT_SHAPE_MISMATCH,
               "'b': axis 1 (n): expected 3, as in an earlier input or axis, "
               "but got 4",
               weft_session_run(session, 0, inputs, 2, nullptr, 0));
  inputs[1].dims[1] = 3;
  EXPECT_EQ(WEFT_OK, weft_session_run(session, 0, inputs, 2, nullptr, 0).code);
  weft_session_release(session);
}
