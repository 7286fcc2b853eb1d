//===- Plan.h - A function, verified and laid out for running ---*- C++ -*-===//

#ifndef WEFT_MODULE_PLAN_H
#define WEFT_MODULE_PLAN_H

#include "runtime/core/Memory.h"
#include "runtime/module/Tables.h"

namespace weft {

/// Pointers go into the FlatBuffer.
struct LaunchPlan {
  const fb::Operand *operands;
  const uint32_t *scalars; // slots
  const char *name;
  uint32_t operandCount;
  uint32_t scalarCount;
  uint32_t kernel;
  uint32_t tasks; // slot
  uint32_t work;  // slot, or kNone
};

struct CopyPlan {
  const fb::Operand *from, *to;
};

struct LoadPlan {
  const fb::Operand *from;
  fb::DataType type;
};

/// What the executor needs of a function. Instructions that compute static
/// slots (artifact.fbs) are the prologue, which depends on the symbols alone;
/// the body is the rest, with its jumps renumbered.
struct FunctionPlan {
  const fb::Function *table = nullptr;
  const char *name = "";
  uint32_t inputCount = 0, outputCount = 0;
  uint32_t symbolCount = 0, slotCount = 0;
  uint32_t arenaSlot = 0;  // kNone: no scratch
  uint32_t tokensSlot = 0; // kNone: the function has no state
  uint32_t maxOperands = 0, maxScalars = 0;
  uint64_t arenaBytes = 0; // with every symbol at its largest
  Array<fb::Instruction> prologue, body;
  Array<uint32_t> unset; // slots that the body may read before it writes them
  Array<LaunchPlan> launches;
  Array<CopyPlan> copies;
  Array<LoadPlan> loads;

  bool hasArena() const { return arenaSlot != UINT32_MAX; }
  bool hasState() const { return tokensSlot != UINT32_MAX; }
};

/// Bounds the work of verifying. Tables of a FlatBuffer can be shared, so a
/// small file can describe more than anybody has time to check.
struct Budget {
  uint64_t left;

  bool spend(uint64_t amount) {
    if (amount > left)
      return false;
    left -= amount;
    return true;
  }
};

/// Verifies a function of verified tables and fills in its plan.
Status planFunction(const fb::Program &program, const fb::Function &function,
                    FunctionPlan &plan, Budget &budget);

/// Fills in prologue, body and unset slots; `isStatic` has a flag a slot. Part
/// of planFunction, with the launches, copies and loads already there.
Status planBody(const fb::Program &program, FunctionPlan &plan,
                Array<bool> &isStatic, Budget &budget);

} // namespace weft

#endif // WEFT_MODULE_PLAN_H
