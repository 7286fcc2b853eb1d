//===- Arithmetic.h - Slots computed from slots -----------------*- C++ -*-===//

#ifndef WEFT_MODULE_ARITHMETIC_H
#define WEFT_MODULE_ARITHMETIC_H

#include "runtime/schema/artifact_generated.h"

namespace weft {

/// Whether an instruction is Constant … Select: computes a slot from slots.
inline bool isArithmetic(fb::Opcode op) { return op <= fb::Opcode::Select; }

/// Rounds towards minus infinity; b is not zero, nor a / b an overflow.
inline int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

/// Executes an arithmetic instruction whose slots are in range. Returns null,
/// or what went wrong.
inline const char *evaluate(const fb::Instruction &i, int64_t *slots) {
  using fb::Opcode;
  const int64_t a = slots[i.a()], b = slots[i.b()];
  int64_t &dst = slots[i.dst()];
  bool overflows = false;
  switch (i.op()) {
  case Opcode::Constant:
    dst = i.value();
    break;
  case Opcode::Add:
    overflows = __builtin_add_overflow(a, b, &dst);
    break;
  case Opcode::Sub:
    overflows = __builtin_sub_overflow(a, b, &dst);
    break;
  case Opcode::Mul:
    overflows = __builtin_mul_overflow(a, b, &dst);
    break;
  case Opcode::FloorDiv:
  case Opcode::CeilDiv:
  case Opcode::Mod:
    if (b == 0)
      return "division by zero";
    if (b == -1) { // INT64_MIN / -1 traps
      int64_t quotient;
      overflows = __builtin_sub_overflow(int64_t(0), a, &quotient);
      dst = i.op() == Opcode::Mod ? 0 : quotient;
    } else if (i.op() == Opcode::FloorDiv) {
      dst = floorDivide(a, b);
    } else if (i.op() == Opcode::CeilDiv) {
      dst = floorDivide(a, b) + (a % b != 0);
    } else {
      dst = a - floorDivide(a, b) * b; // has the sign of b
    }
    break;
  case Opcode::Min:
    dst = a < b ? a : b;
    break;
  case Opcode::Max:
    dst = a > b ? a : b;
    break;
  case Opcode::Less:
    dst = a < b;
    break;
  case Opcode::Equal:
    dst = a == b;
    break;
  case Opcode::Select:
    dst = a ? b : slots[i.value()];
    break;
  default:
    return "no arithmetic instruction";
  }
  return overflows ? "overflow" : nullptr;
}

} // namespace weft

#endif // WEFT_MODULE_ARITHMETIC_H
