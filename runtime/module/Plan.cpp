//===- Plan.cpp - Verification of a function's tables ---------------------===//

#include "runtime/module/Plan.h"

#include "runtime/module/Arithmetic.h"
#include "runtime/module/Header.h"

#include <cinttypes>

using namespace weft;

/// More slots than any compiler needs, few enough to allocate.
static constexpr uint32_t kMaxSlots = 1u << 20;
/// Of one launch; sizes the executor's lists.
static constexpr uint32_t kMaxOperands = 4096, kMaxScalars = 1u << 16;

namespace {
/// Checks that indices of one function name something.
class FunctionVerifier {
public:
  FunctionVerifier(const fb::Program &program, FunctionPlan &plan,
                   Budget &budget)
      : program(program), plan(plan), budget(budget) {}

  Status verifySlot(uint32_t slot, const char *what) const {
    if (slot < plan.slotCount)
      return ok();
    return makeError(WEFT_CORRUPT,
                     "function '%s': %s: slot %u is not one of %u", plan.name,
                     what, slot, plan.slotCount);
  }

  /// A static slot, or none.
  Status verifyStatic(uint32_t slot, const char *what,
                      const Array<bool> &isStatic) const {
    if (slot == kNone)
      return ok();
    WEFT_TRY(verifySlot(slot, what));
    if (isStatic[slot])
      return ok();
    return makeError(WEFT_CORRUPT, "function '%s': %s: slot %u is not static",
                     plan.name, what, slot);
  }

  Status verifyOperand(const fb::Operand &operand, const char *what) const {
    uint32_t count = 0;
    switch (operand.space()) {
    case fb::Space::Arena:
      count = 1;
      break;
    case fb::Space::Parameter:
      count = getSize(program.parameters());
      break;
    case fb::Space::State:
      count = plan.hasState() ? getSize(program.states()) : 0;
      break;
    case fb::Space::Input:
      count = plan.inputCount;
      break;
    case fb::Space::Output:
      count = plan.outputCount;
      break;
    }
    if (operand.index() >= count)
      return makeError(WEFT_CORRUPT,
                       "function '%s': %s: operand %u of space %d is not one "
                       "of %u",
                       plan.name, what, operand.index(), int(operand.space()),
                       count);
    WEFT_TRY(verifySlot(operand.offset(), what));
    return verifySlot(operand.extent(), what);
  }

  Status planLaunches();
  Status planCopies();
  Status planLoads();
  Status verifySymbols() const;
  Status verifyPorts(const Array<bool> &isStatic) const;

private:
  Status planLaunch(const fb::Launch &launch, LaunchPlan &planned);
  Status verifyDims(const fb::Port &port, bool isInput, Array<bool> &isNamed,
                    const Array<bool> &isStatic) const;

  const fb::Program &program;
  FunctionPlan &plan;
  Budget &budget;
};
} // namespace

static Status makeMemoryError() {
  return makeError(WEFT_OUT_OF_MEMORY, "no memory for the functions' plans");
}

Status FunctionVerifier::planLaunch(const fb::Launch &launch,
                                    LaunchPlan &planned) {
  const auto *operands = launch.operands();
  const auto *scalars = launch.scalars();
  planned.name = getText(launch.name());
  planned.kernel = launch.kernel();
  planned.tasks = launch.tasks();
  planned.work = launch.work();
  planned.operandCount = getSize(operands);
  planned.scalarCount = getSize(scalars);
  if (planned.kernel >= getSize(program.kernels()))
    return makeError(
        WEFT_CORRUPT, "function '%s': launch '%s': kernel %u is not one of %u",
        plan.name, planned.name, planned.kernel, getSize(program.kernels()));
  if (planned.operandCount > kMaxOperands ||
      planned.scalarCount > kMaxScalars ||
      !budget.spend(uint64_t(planned.operandCount) + planned.scalarCount))
    return makeError(WEFT_CORRUPT,
                     "function '%s': launch '%s': too many operands or scalars",
                     plan.name, planned.name);
  WEFT_TRY(verifySlot(planned.tasks, "launch"));
  if (planned.work != kNone)
    WEFT_TRY(verifySlot(planned.work, "launch"));
  if (operands) {
    planned.operands = reinterpret_cast<const fb::Operand *>(operands->Data());
    for (uint32_t i = 0; i < planned.operandCount; ++i)
      WEFT_TRY(verifyOperand(planned.operands[i], "launch"));
  }
  if (scalars) {
    planned.scalars = reinterpret_cast<const uint32_t *>(scalars->Data());
    for (uint32_t i = 0; i < planned.scalarCount; ++i)
      WEFT_TRY(verifySlot(planned.scalars[i], "launch"));
  }
  if (planned.operandCount > plan.maxOperands)
    plan.maxOperands = planned.operandCount;
  if (planned.scalarCount > plan.maxScalars)
    plan.maxScalars = planned.scalarCount;
  return ok();
}

Status FunctionVerifier::planLaunches() {
  const auto *launches = plan.table->launches();
  if (!plan.launches.allocate(getSize(launches)))
    return makeMemoryError();
  for (uint32_t i = 0; i < plan.launches.size(); ++i)
    WEFT_TRY(planLaunch(*launches->Get(i), plan.launches[i]));
  return ok();
}

Status FunctionVerifier::planCopies() {
  const auto *copies = plan.table->copies();
  if (!plan.copies.allocate(getSize(copies)))
    return makeMemoryError();
  for (uint32_t i = 0; i < plan.copies.size(); ++i) {
    CopyPlan &copy = plan.copies[i];
    copy = {copies->Get(i)->from(), copies->Get(i)->to()};
    WEFT_TRY(verifyOperand(*copy.from, "copy"));
    WEFT_TRY(verifyOperand(*copy.to, "copy"));
    if (copy.to->space() == fb::Space::Parameter ||
        copy.to->space() == fb::Space::Input)
      return makeError(WEFT_CORRUPT,
                       "function '%s': copy %u writes what is only read",
                       plan.name, i);
  }
  return ok();
}

Status FunctionVerifier::planLoads() {
  const auto *loads = plan.table->loads();
  if (!plan.loads.allocate(getSize(loads)))
    return makeMemoryError();
  for (uint32_t i = 0; i < plan.loads.size(); ++i) {
    LoadPlan &load = plan.loads[i];
    load = {loads->Get(i)->from(), loads->Get(i)->type()};
    WEFT_TRY(verifyOperand(*load.from, "load"));
    switch (load.type) {
    case fb::DataType::i1:
    case fb::DataType::i8:
    case fb::DataType::u8:
    case fb::DataType::i16:
    case fb::DataType::i32:
    case fb::DataType::i64:
      break;
    default:
      return makeError(WEFT_CORRUPT,
                       "function '%s': load %u: expected a type of integers "
                       "but got %d",
                       plan.name, i, int(load.type));
    }
  }
  return ok();
}

Status FunctionVerifier::verifySymbols() const {
  for (uint32_t i = 0; i < plan.symbolCount; ++i)
    if (plan.table->symbols()->Get(i)->max() < 1)
      return makeError(WEFT_CORRUPT,
                       "function '%s': symbol %u: expected a largest value of "
                       "at least 1 but got %" PRId64,
                       plan.name, i, plan.table->symbols()->Get(i)->max());
  return ok();
}

Status FunctionVerifier::verifyDims(const fb::Port &port, bool isInput,
                                    Array<bool> &isNamed,
                                    const Array<bool> &isStatic) const {
  WEFT_TRY(verifyPort(port, plan.name, isInput ? "input" : "output"));
  for (uint32_t i = 0; i < getSize(port.dims()); ++i) {
    int64_t dim = port.dims()->Get(i);
    if (dim >= 0)
      continue;
    uint64_t slot = ~uint64_t(dim); // -1 - dim
    if (slot >= (isInput ? plan.symbolCount : plan.slotCount) ||
        !isStatic[slot])
      return makeError(
          WEFT_CORRUPT, "function '%s': '%s': dimension %u is no %s", plan.name,
          port.name()->c_str(), i, isInput ? "symbol" : "static slot");
    if (isInput)
      isNamed[slot] = true;
  }
  return ok();
}

Status FunctionVerifier::verifyPorts(const Array<bool> &isStatic) const {
  Array<bool> isNamed;
  if (!isNamed.allocate(plan.symbolCount))
    return makeMemoryError();
  for (uint32_t i = 0; i < plan.inputCount; ++i)
    WEFT_TRY(
        verifyDims(*plan.table->inputs()->Get(i), true, isNamed, isStatic));
  for (uint32_t i = 0; i < plan.outputCount; ++i)
    WEFT_TRY(
        verifyDims(*plan.table->outputs()->Get(i), false, isNamed, isStatic));
  for (uint32_t i = 0; i < plan.symbolCount; ++i)
    if (!isNamed[i])
      return makeError(WEFT_CORRUPT, "function '%s': no input names symbol %u",
                       plan.name, i);
  return ok();
}

/// Evaluates the arena's size with every symbol at its largest.
static Status computeArena(FunctionPlan &plan) {
  Array<int64_t> slots;
  if (!slots.allocate(plan.slotCount))
    return makeMemoryError();
  for (uint32_t i = 0; i < plan.symbolCount; ++i)
    slots[i] = plan.table->symbols()->Get(i)->max();
  for (const fb::Instruction &instruction : plan.prologue)
    if (const char *problem = evaluate(instruction, slots.data()))
      return makeError(WEFT_CORRUPT,
                       "function '%s': %s with every symbol at its largest",
                       plan.name, problem);
  int64_t bytes = plan.hasArena() ? slots[plan.arenaSlot] : 0;
  if (bytes < 0 || uint64_t(bytes) > kMaxBytes)
    return makeError(WEFT_CORRUPT,
                     "function '%s': impossible arena of %" PRId64 " bytes",
                     plan.name, bytes);
  plan.arenaBytes = uint64_t(bytes);
  return ok();
}

Status weft::planFunction(const fb::Program &program,
                          const fb::Function &function, FunctionPlan &plan,
                          Budget &budget) {
  plan.table = &function;
  plan.name = function.name()->c_str();
  plan.inputCount = getSize(function.inputs());
  plan.outputCount = getSize(function.outputs());
  plan.symbolCount = getSize(function.symbols());
  plan.slotCount = function.slots();
  plan.arenaSlot = function.arena();
  plan.tokensSlot = function.tokens();
  if (plan.slotCount > kMaxSlots || plan.symbolCount > plan.slotCount)
    return makeError(WEFT_CORRUPT,
                     "function '%s': expected from %u to %u slots but got %u",
                     plan.name, plan.symbolCount, kMaxSlots, plan.slotCount);

  FunctionVerifier verifier(program, plan, budget);
  WEFT_TRY(verifier.verifySymbols());
  WEFT_TRY(verifier.planLaunches());
  WEFT_TRY(verifier.planCopies());
  WEFT_TRY(verifier.planLoads());
  Array<bool> isStatic;
  WEFT_TRY(planBody(program, plan, isStatic, budget));
  WEFT_TRY(verifier.verifyPorts(isStatic));
  WEFT_TRY(verifier.verifyStatic(plan.arenaSlot, "arena", isStatic));
  WEFT_TRY(verifier.verifyStatic(plan.tokensSlot, "tokens", isStatic));
  return computeArena(plan);
}
