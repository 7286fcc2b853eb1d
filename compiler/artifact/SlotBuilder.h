//===- SlotBuilder.h - Instructions and slots of a function -----*- C++ -*-===//
//
// Builds the body of an artifact's function: 64-bit slots, and instructions
// that write them, see runtime/schema/artifact.fbs. Constants are folded, equal
// computations share a slot, and what one call cannot change is computed once
// before the body, so that it is static wherever the schema allows it.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_COMPILER_ARTIFACT_SLOTBUILDER_H
#define WEFT_COMPILER_ARTIFACT_SLOTBUILDER_H

#include "runtime/schema/artifact_generated.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace weft::artifact {

/// The number of a slot.
using Slot = uint32_t;

class SlotBuilder {
public:
  /// Slots [0, symbols) are the function's dynamic dimensions.
  explicit SlotBuilder(uint32_t symbols);

  Slot constant(int64_t value);
  /// A slot with `a op b`, for an opcode from Add to Equal.
  Slot binary(fb::Opcode op, Slot a, Slot b);
  Slot select(Slot condition, Slot ifTrue, Slot ifFalse);
  /// StateLength or StateOffset of a state.
  Slot stateFact(fb::Opcode op, uint32_t state);
  /// The integer at loads[index], read where the body stands.
  Slot load(uint32_t index);

  Slot add(Slot a, Slot b) { return binary(fb::Opcode::Add, a, b); }
  Slot mul(Slot a, Slot b) { return binary(fb::Opcode::Mul, a, b); }
  Slot product(llvm::ArrayRef<Slot> factors);

  /// Launch or Copy number `index`.
  void run(fb::Opcode op, uint32_t index);

  /// Opens a loop and returns the slot that counts from `begin` below `end`.
  Slot beginFor(Slot begin, Slot end);
  void endFor();
  /// Opens instructions that are jumped over if `condition` is zero.
  void beginSkipUnless(Slot condition);
  void endSkipUnless();

  /// The value of a slot that is known now.
  std::optional<int64_t> constantValue(Slot slot) const;
  /// Whether the symbols alone determine the slot, see the schema.
  bool isStatic(Slot slot) const { return !dynamic.contains(slot); }

  /// Writes slots and body to `function`, whose rows must be there: what they
  /// do not use is left out. All that was opened must be closed.
  void finish(fb::FunctionT &function);

private:
  using Key = std::tuple<uint8_t, uint32_t, uint32_t, int64_t>;
  using Computed = llvm::DenseMap<Key, Slot>;
  enum class ScopeKind { Body, For, SkipUnless };
  struct Scope {
    ScopeKind kind = ScopeKind::Body;
    size_t opener = 0; // index in `body`
    Computed computed;
  };

  /// The slot of a pure computation, in the prologue if its operands allow.
  Slot compute(fb::Opcode op, Slot a, Slot b, int64_t value, bool early);
  std::optional<Slot> fold(fb::Opcode op, Slot a, Slot b);
  /// Drops what is computed before the body and used by nobody.
  void dropUnused(const fb::FunctionT &function);
  /// Gives instruction `index` of the body a target.
  void jumpTo(size_t index, int64_t target);
  bool isInvariant(Slot slot) const { return !inPlace.contains(slot); }

  Slot next;
  std::vector<fb::Instruction> prologue, body;
  Computed invariant;
  llvm::SmallVector<Scope> scopes;
  llvm::DenseMap<Slot, int64_t> constants;
  llvm::DenseSet<Slot> dynamic; // not static
  llvm::DenseSet<Slot> inPlace; // written in the body
};

} // namespace weft::artifact

#endif // WEFT_COMPILER_ARTIFACT_SLOTBUILDER_H
