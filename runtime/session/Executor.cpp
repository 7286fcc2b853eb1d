//===- Executor.cpp - The loop over instructions --------------------------===//

#include "runtime/session/Executor.h"

#include "runtime/module/Arithmetic.h"

#include <cinttypes>
#include <cstring>
#include <ctime>

using namespace weft;
using fb::Opcode;
using fb::Space;

Status Executor::create(const weft_program &owner, int32_t threads) {
  program = &owner;
  size_t functions = owner.functions.size();
  size_t slotCount = 0, maxOperands = 0, maxScalars = 0, maxSymbols = 0;
  size_t maxInputs = 0, maxOutputs = 0;
  uint64_t arenaBytes = 0;
  auto widen = [](auto &largest, auto value) {
    if (value > largest)
      largest = value;
  };
  if (!slotsBegin.allocate(functions) || !hasStatic.allocate(functions))
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for a session");
  for (size_t i = 0; i < functions; ++i) {
    const FunctionPlan &plan = owner.functions[i];
    slotsBegin[i] = slotCount;
    slotCount += plan.slotCount;
    widen(maxOperands, size_t(plan.maxOperands));
    widen(maxScalars, size_t(plan.maxScalars));
    widen(maxSymbols, size_t(plan.symbolCount));
    widen(maxInputs, size_t(plan.inputCount));
    widen(maxOutputs, size_t(plan.outputCount));
    widen(arenaBytes, plan.arenaBytes);
  }
  uint64_t scratchBytes = 0;
  for (uint32_t i = 0; i < getSize(owner.root->kernels()); ++i)
    widen(scratchBytes, owner.root->kernels()->Get(i)->scratch());
  // Whole pages, so that threads share no cache line.
  scratchStride = (scratchBytes + 4095) / 4096 * 4096;

  if (!slots.allocate(slotCount) || !symbols.allocate(maxSymbols) ||
      !inputs.allocate(maxInputs) || !outputs.allocate(maxOutputs) ||
      !buffers.allocate(maxOperands) || !scalars.allocate(maxScalars))
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for a session");
  if (!arena.reserve(arenaBytes))
    return makeError(WEFT_OUT_OF_MEMORY,
                     "cannot reserve %" PRIu64 " bytes of scratch memory",
                     arenaBytes);
  arena.preferLargePages();
  if (scratchStride > kMaxBytes / uint64_t(threads) ||
      !scratch.reserve(scratchStride * uint64_t(threads)))
    return makeError(WEFT_OUT_OF_MEMORY,
                     "cannot reserve %" PRIu64
                     " bytes of scratch memory for each of %d threads",
                     scratchStride, int(threads));
  return ok();
}

bool Executor::resolve(const fb::Operand &operand, const int64_t *values,
                       void *&data) const {
  const auto &space = spaces[uint8_t(operand.space())];
  const Range &range = space.ranges[operand.index()];
  // Negative numbers are too large without a sign.
  uint64_t offset = uint64_t(values[operand.offset()]);
  uint64_t extent = uint64_t(values[operand.extent()]);
  if (offset > range.bytes || extent > range.bytes - offset)
    return false;
  data = range.data + offset;
  return true;
}

Status Executor::failOperand(const FunctionPlan &plan, const char *what,
                             const fb::Operand &operand,
                             const int64_t *values) const {
  static const char *const kSpaces[] = {"the arena", "parameter", "state",
                                        "input", "output"};
  const auto &space = spaces[uint8_t(operand.space())];
  return makeError(WEFT_EXECUTION_FAILED,
                   "function '%s': %s: %" PRId64 " bytes at %" PRId64
                   " do not lie in the %" PRIu64 " bytes of %s %u",
                   plan.name, what, values[operand.extent()],
                   values[operand.offset()],
                   space.ranges[operand.index()].bytes,
                   kSpaces[uint8_t(operand.space())], operand.index());
}

static uint64_t readClock() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + uint64_t(now.tv_nsec);
}

void Executor::runTasks(void *context, int64_t begin, int64_t end,
                        int32_t thread) {
  const Executor &executor = *static_cast<const Executor *>(context);
  if (begin < end)
    executor.kernel(
        executor.buffers.data(), executor.scalars.data(), begin, end,
        executor.scratch.data() + uint64_t(thread) * executor.scratchStride);
}

void Executor::runKernel(const FunctionPlan &plan, const LaunchPlan &launch,
                         const int64_t *values, const Surroundings &around,
                         int64_t tasks) {
  kernel = program->kernels[launch.kernel];
  if (!around.hook && !around.trace) {
    around.pool.run(tasks, runTasks, this);
    return;
  }
  weft_launch_event event;
  event.function = plan.name;
  event.name = launch.name;
  event.kernel =
      program->root->kernels()->Get(launch.kernel)->symbol()->c_str();
  event.tasks = tasks;
  event.flops = launch.work == kNone ? 0 : values[launch.work];
  event.bytes = 0;
  for (uint32_t i = 0; i < launch.operandCount; ++i)
    event.bytes += values[launch.operands[i].extent()];
  event.begin_ns = readClock();
  around.pool.run(tasks, runTasks, this);
  event.end_ns = readClock();
  if (around.trace)
    around.trace->add(event);
  if (around.hook)
    around.hook(around.hookUser, &event);
}

Status Executor::launch(const FunctionPlan &plan, const LaunchPlan &launch,
                        const int64_t *values, const Surroundings &around) {
  for (uint32_t i = 0; i < launch.operandCount; ++i)
    if (!resolve(launch.operands[i], values, buffers[i]))
      return failOperand(plan, launch.name, launch.operands[i], values);
  for (uint32_t i = 0; i < launch.scalarCount; ++i)
    scalars[i] = values[launch.scalars[i]];
  int64_t tasks = values[launch.tasks];
  if (tasks < 0)
    return makeError(WEFT_EXECUTION_FAILED,
                     "function '%s': %s: a launch of %" PRId64 " tasks",
                     plan.name, launch.name, tasks);
  if (tasks > 0)
    runKernel(plan, launch, values, around, tasks);
  return ok();
}

Status Executor::copy(const FunctionPlan &plan, const CopyPlan &copy,
                      const int64_t *values) {
  void *from, *to;
  if (!resolve(*copy.from, values, from))
    return failOperand(plan, "copy", *copy.from, values);
  if (!resolve(*copy.to, values, to))
    return failOperand(plan, "copy", *copy.to, values);
  int64_t bytes = values[copy.from->extent()];
  if (bytes != values[copy.to->extent()])
    return makeError(WEFT_EXECUTION_FAILED,
                     "function '%s': a copy of %" PRId64 " bytes to %" PRId64
                     " bytes",
                     plan.name, bytes, values[copy.to->extent()]);
  if (bytes)
    memmove(to, from, size_t(bytes));
  return ok();
}

/// Reads an integer of any alignment.
template <typename T> static int64_t readAs(const void *data) {
  T value;
  memcpy(&value, data, sizeof(value));
  return value;
}

Status Executor::load(const FunctionPlan &plan, const LoadPlan &load,
                      const int64_t *values, int64_t &result) const {
  void *data;
  if (!resolve(*load.from, values, data) ||
      values[load.from->extent()] <
          int64_t(weft_dtype_bytes(weft_dtype(load.type))))
    return failOperand(plan, "load", *load.from, values);
  switch (load.type) {
  case fb::DataType::i8:
    result = readAs<int8_t>(data);
    break;
  case fb::DataType::i16:
    result = readAs<int16_t>(data);
    break;
  case fb::DataType::i32:
    result = readAs<int32_t>(data);
    break;
  case fb::DataType::i64:
    result = readAs<int64_t>(data);
    break;
  default: // i1, u8
    result = readAs<uint8_t>(data);
    break;
  }
  return ok();
}

Status Executor::run(const FunctionPlan &plan, const Surroundings &around) {
  spaces[uint8_t(Space::Arena)] = {&arenaRange, 1};
  spaces[uint8_t(Space::Parameter)] = {program->parameters.data(),
                                       program->parameters.size()};
  spaces[uint8_t(Space::State)] = {around.states.getRanges().data(),
                                   around.states.getRanges().size()};
  spaces[uint8_t(Space::Input)] = {inputs.data(), plan.inputCount};
  spaces[uint8_t(Space::Output)] = {outputs.data(), plan.outputCount};

  int64_t *values = getSlots(plan);
  for (uint32_t slot : plan.unset)
    values[slot] = 0;
  const fb::Instruction *body = plan.body.data();
  const size_t count = plan.body.size();
  int64_t left = around.maxInstructions;

  for (size_t at = 0; at < count; ++at) {
    const fb::Instruction &i = body[at];
    switch (i.op()) {
    case Opcode::StateLength:
      values[i.dst()] = i.a() == kNone ? around.states.getPosition()
                                       : around.states.getLength(i.a());
      break;
    case Opcode::StateOffset:
      values[i.dst()] = around.states.getOffset(i.a());
      break;
    case Opcode::Launch:
      WEFT_TRY(launch(plan, plan.launches[i.value()], values, around));
      break;
    case Opcode::Copy:
      WEFT_TRY(copy(plan, plan.copies[i.value()], values));
      break;
    case Opcode::Load:
      WEFT_TRY(load(plan, plan.loads[i.value()], values, values[i.dst()]));
      break;
    case Opcode::For:
      values[i.dst()] = values[i.a()];
      if (values[i.dst()] >= values[i.b()])
        at = size_t(i.value());
      break;
    case Opcode::End: {
      // Only loops can run for ever, so instructions are counted where they
      // turn.
      const fb::Instruction &loop = body[i.value()];
      left -= int64_t(at) - i.value() + 1;
      if (left < 0)
        return makeError(WEFT_EXECUTION_FAILED,
                         "function '%s': more than %" PRId64
                         " instructions: taken for endless",
                         plan.name, around.maxInstructions);
      if (values[loop.dst()] < INT64_MAX &&
          ++values[loop.dst()] < values[loop.b()])
        at = size_t(i.value());
      break;
    }
    case Opcode::SkipUnless:
      if (!values[i.a()])
        at = size_t(i.value()) - 1;
      break;
    default:
      if (const char *problem = evaluate(i, values))
        return makeError(WEFT_EXECUTION_FAILED, "function '%s': %s", plan.name,
                         problem);
      break;
    }
  }
  return ok();
}
