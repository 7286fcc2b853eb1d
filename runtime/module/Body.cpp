//===- Body.cpp - Verification of a function's instructions ---------------===//
//
// Loops and skipped ranges are regions that nest, so one walk with a stack
// proves the control flow, finds the static slots, and finds the slots that may
// be read before they are written.
//
//===----------------------------------------------------------------------===//

#include "runtime/module/Arithmetic.h"
#include "runtime/module/Header.h"
#include "runtime/module/Plan.h"

#include <cinttypes>
#include <cstring>

using namespace weft;
using fb::Instruction;
using fb::Opcode;

/// Loops and skipped ranges within each other. Ranges that end together count
/// once, so a chain of early exits is not deep.
static constexpr uint32_t kMaxDepth = 256;

namespace {
struct Region {
  uint32_t begin; // the For, or the SkipUnless
  uint32_t end;   // the End, or the instruction where execution goes on
  bool isLoop;
};

class BodyVerifier {
public:
  BodyVerifier(const fb::Program &program, FunctionPlan &plan,
               Array<bool> &isStatic, Budget &budget)
      : program(program), plan(plan), isStatic(isStatic), budget(budget) {}

  Status prepare();
  Status verify();
  Status split();

private:
  Instruction get(uint32_t i) const {
    // Copied out: the vector need not be aligned.
    Instruction instruction;
    memcpy(&instruction, bytes + size_t(i) * sizeof(instruction),
           sizeof(instruction));
    return instruction;
  }

  Status fail(const char *problem) const {
    return makeError(WEFT_CORRUPT, "function '%s': instruction %u: %s",
                     plan.name, at, problem);
  }

  Status read(uint64_t slot);
  Status read(const fb::Operand &operand);
  Status write(uint32_t slot);
  Status verifyArithmetic(const Instruction &instruction);
  Status verifyStateQuery(const Instruction &instruction);
  Status verifyLaunch(const Instruction &instruction);
  Status verifyCopy(const Instruction &instruction);
  Status verifyLoad(const Instruction &instruction);
  Status verifyFor(const Instruction &instruction);
  Status verifyEnd(const Instruction &instruction);
  Status verifySkip(const Instruction &instruction);
  Status verifyOne(const Instruction &instruction);

  /// The instruction that the innermost region may not reach beyond.
  uint32_t getLimit() const { return depth ? regions[depth - 1].end : count; }

  const fb::Program &program;
  FunctionPlan &plan;
  Array<bool> &isStatic; // a slot
  Budget &budget;

  const uint8_t *bytes = nullptr;
  uint32_t count = 0;
  uint32_t at = 0;
  Array<uint8_t> writers;       // a slot: 0, 1 or more
  Array<uint32_t> definedUntil; // a slot: an instruction
  Array<bool> isUnset;          // a slot
  Array<bool> isPrologue;       // an instruction
  uint32_t unsetCount = 0, prologueCount = 0;
  Region regions[kMaxDepth];
  uint32_t depth = 0;
};
} // namespace

static bool writesSlot(Opcode op) {
  return isArithmetic(op) || op == Opcode::StateLength ||
         op == Opcode::StateOffset || op == Opcode::For || op == Opcode::Load;
}

Status BodyVerifier::prepare() {
  if (const auto *body = plan.table->body()) {
    bytes = body->Data();
    count = body->size();
  }
  if (!budget.spend(uint64_t(count) + plan.slotCount))
    return fail("too much to verify");
  if (!writers.allocate(plan.slotCount) || !isStatic.allocate(plan.slotCount) ||
      !definedUntil.allocate(plan.slotCount) ||
      !isUnset.allocate(plan.slotCount) || !isPrologue.allocate(count))
    return makeError(WEFT_OUT_OF_MEMORY, "no memory to verify '%s'", plan.name);
  for (uint32_t i = 0; i < plan.symbolCount; ++i) {
    isStatic[i] = true;
    definedUntil[i] = UINT32_MAX;
  }
  for (at = 0; at < count; ++at) {
    Instruction instruction = get(at);
    if (instruction.op() > Opcode::MAX)
      return fail("unknown opcode");
    if (!writesSlot(instruction.op()))
      continue;
    if (instruction.dst() >= plan.slotCount)
      return fail("the slot to write does not exist");
    if (instruction.dst() < plan.symbolCount)
      return fail("writes a symbol");
    uint8_t &writer = writers[instruction.dst()];
    writer = writer ? 2 : 1;
  }
  return ok();
}

Status BodyVerifier::read(uint64_t slot) {
  if (slot >= plan.slotCount)
    return fail("a slot to read does not exist");
  if (definedUntil[slot] <= at && !isUnset[slot]) {
    isUnset[slot] = true;
    ++unsetCount;
  }
  return ok();
}

Status BodyVerifier::read(const fb::Operand &operand) {
  WEFT_TRY(read(operand.offset()));
  return read(operand.extent());
}

Status BodyVerifier::write(uint32_t slot) {
  // Beyond the region the write may not have happened.
  uint32_t end = depth ? regions[depth - 1].end : UINT32_MAX;
  if (definedUntil[slot] < end)
    definedUntil[slot] = end;
  return ok();
}

Status BodyVerifier::verifyArithmetic(const Instruction &instruction) {
  bool reads = instruction.op() != Opcode::Constant;
  bool computesStatic = depth == 0 && writers[instruction.dst()] == 1 &&
                        !isUnset[instruction.dst()];
  if (reads) {
    WEFT_TRY(read(instruction.a()));
    WEFT_TRY(read(instruction.b()));
    computesStatic &= isStatic[instruction.a()] && isStatic[instruction.b()];
  }
  if (instruction.op() == Opcode::Select) {
    WEFT_TRY(read(uint64_t(instruction.value())));
    computesStatic &= isStatic[instruction.value()];
  }
  if (computesStatic) {
    isStatic[instruction.dst()] = true;
    isPrologue[at] = true;
    ++prologueCount;
  }
  return write(instruction.dst());
}

Status BodyVerifier::verifyStateQuery(const Instruction &instruction) {
  if (!plan.hasState())
    return fail("asks for a state in a function without");
  bool asksPosition =
      instruction.op() == Opcode::StateLength && instruction.a() == kNone;
  if (instruction.a() >= getSize(program.states()) && !asksPosition)
    return fail("the state does not exist");
  return write(instruction.dst());
}

Status BodyVerifier::verifyLaunch(const Instruction &instruction) {
  if (uint64_t(instruction.value()) >= plan.launches.size())
    return fail("the launch does not exist");
  const LaunchPlan &launch = plan.launches[instruction.value()];
  if (!budget.spend(uint64_t(launch.operandCount) + launch.scalarCount))
    return fail("too much to verify");
  WEFT_TRY(read(launch.tasks));
  if (launch.work != kNone)
    WEFT_TRY(read(launch.work));
  for (uint32_t i = 0; i < launch.operandCount; ++i)
    WEFT_TRY(read(launch.operands[i]));
  for (uint32_t i = 0; i < launch.scalarCount; ++i)
    WEFT_TRY(read(launch.scalars[i]));
  return ok();
}

Status BodyVerifier::verifyCopy(const Instruction &instruction) {
  if (uint64_t(instruction.value()) >= plan.copies.size())
    return fail("the copy does not exist");
  const CopyPlan &copy = plan.copies[instruction.value()];
  WEFT_TRY(read(*copy.from));
  return read(*copy.to);
}

Status BodyVerifier::verifyLoad(const Instruction &instruction) {
  if (uint64_t(instruction.value()) >= plan.loads.size())
    return fail("the load does not exist");
  WEFT_TRY(read(*plan.loads[instruction.value()].from));
  return write(instruction.dst());
}

Status BodyVerifier::verifyFor(const Instruction &instruction) {
  WEFT_TRY(read(instruction.a()));
  WEFT_TRY(read(instruction.b()));
  // The loop's slot is written even if no turn is made.
  WEFT_TRY(write(instruction.dst()));
  uint64_t end = uint64_t(instruction.value());
  // A loop must lie in its region with its End; that of an outer loop is its
  // own.
  if (end <= at || end >= getLimit())
    return fail("the loop does not end in its region");
  if (depth == kMaxDepth)
    return fail("loops and ranges are nested too deep");
  regions[depth++] = {at, uint32_t(end), true};
  return ok();
}

Status BodyVerifier::verifyEnd(const Instruction &instruction) {
  if (depth == 0 || !regions[depth - 1].isLoop || regions[depth - 1].end != at)
    return fail("an End without its For");
  if (uint64_t(instruction.value()) != regions[depth - 1].begin)
    return fail("the End names another For");
  --depth;
  return ok();
}

Status BodyVerifier::verifySkip(const Instruction &instruction) {
  WEFT_TRY(read(instruction.a()));
  uint64_t end = uint64_t(instruction.value());
  if (end <= at || end > getLimit())
    return fail("skips backwards or out of its region");
  bool isCovered =
      depth && !regions[depth - 1].isLoop && regions[depth - 1].end == end;
  if (isCovered)
    return ok();
  if (depth == kMaxDepth)
    return fail("loops and ranges are nested too deep");
  regions[depth++] = {at, uint32_t(end), false};
  return ok();
}

Status BodyVerifier::verifyOne(const Instruction &instruction) {
  if (isArithmetic(instruction.op()))
    return verifyArithmetic(instruction);
  switch (instruction.op()) {
  case Opcode::StateLength:
  case Opcode::StateOffset:
    return verifyStateQuery(instruction);
  case Opcode::Launch:
    return verifyLaunch(instruction);
  case Opcode::Copy:
    return verifyCopy(instruction);
  case Opcode::Load:
    return verifyLoad(instruction);
  case Opcode::For:
    return verifyFor(instruction);
  case Opcode::End:
    return verifyEnd(instruction);
  case Opcode::SkipUnless:
    return verifySkip(instruction);
  default:
    return fail("unknown opcode");
  }
}

Status BodyVerifier::verify() {
  for (at = 0; at < count; ++at) {
    while (depth && !regions[depth - 1].isLoop && regions[depth - 1].end == at)
      --depth;
    WEFT_TRY(verifyOne(get(at)));
  }
  // Every For found its End, since that lies before the end of the body.
  return ok();
}

Status BodyVerifier::split() {
  Array<uint32_t> renumbered;
  if (!renumbered.allocate(size_t(count) + 1) ||
      !plan.prologue.allocate(prologueCount) ||
      !plan.body.allocate(count - prologueCount) ||
      !plan.unset.allocate(unsetCount))
    return makeError(WEFT_OUT_OF_MEMORY, "no memory for the plan of '%s'",
                     plan.name);
  for (uint32_t i = 0; i < count; ++i)
    renumbered[i + 1] = renumbered[i] + !isPrologue[i];

  uint32_t prologueSize = 0;
  for (uint32_t i = 0; i < count; ++i) {
    Instruction instruction = get(i);
    int64_t value = instruction.value();
    uint32_t a = instruction.a(), b = instruction.b();
    if (instruction.op() == Opcode::Constant)
      a = b = 0; // not verified, but read all the same
    if (instruction.op() == Opcode::For || instruction.op() == Opcode::End ||
        instruction.op() == Opcode::SkipUnless)
      value = renumbered[value];
    Instruction copy(value, instruction.dst(), a, b, instruction.op());
    if (isPrologue[i])
      plan.prologue[prologueSize++] = copy;
    else
      plan.body[renumbered[i]] = copy;
  }
  uint32_t unsetSize = 0;
  for (uint32_t slot = 0; slot < plan.slotCount; ++slot)
    if (isUnset[slot])
      plan.unset[unsetSize++] = slot;
  return ok();
}

Status weft::planBody(const fb::Program &program, FunctionPlan &plan,
                      Array<bool> &isStatic, Budget &budget) {
  BodyVerifier verifier(program, plan, isStatic, budget);
  WEFT_TRY(verifier.prepare());
  WEFT_TRY(verifier.verify());
  return verifier.split();
}
