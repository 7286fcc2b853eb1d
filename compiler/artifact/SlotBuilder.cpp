//===- SlotBuilder.cpp - Instructions and slots of a function -------------===//

#include "compiler/artifact/SlotBuilder.h"
#include "runtime/module/Header.h"
#include "llvm/Support/MathExtras.h"

using namespace weft;
using namespace weft::artifact;
using fb::Opcode;

SlotBuilder::SlotBuilder(uint32_t symbols) : next(symbols) {
  scopes.emplace_back();
}

std::optional<int64_t> SlotBuilder::constantValue(Slot slot) const {
  auto it = constants.find(slot);
  return it == constants.end() ? std::nullopt : std::optional(it->second);
}

Slot SlotBuilder::compute(Opcode op, Slot a, Slot b, int64_t value,
                          bool early) {
  Key key{uint8_t(op), a, b, value};
  if (auto it = invariant.find(key); it != invariant.end())
    return it->second;
  for (Scope &scope : scopes)
    if (auto it = scope.computed.find(key); it != scope.computed.end())
      return it->second;
  Slot slot = next++;
  (early ? invariant : scopes.back().computed)[key] = slot;
  (early ? prologue : body).emplace_back(value, slot, a, b, op);
  if (!early)
    inPlace.insert(slot);
  return slot;
}

Slot SlotBuilder::constant(int64_t value) {
  Slot slot = compute(Opcode::Constant, 0, 0, value, /*early=*/true);
  constants[slot] = value;
  return slot;
}

static std::optional<int64_t> evaluate(Opcode op, int64_t a, int64_t b) {
  int64_t result;
  switch (op) {
  case Opcode::Add:
    return llvm::AddOverflow(a, b, result) ? std::nullopt
                                           : std::optional(result);
  case Opcode::Sub:
    return llvm::SubOverflow(a, b, result) ? std::nullopt
                                           : std::optional(result);
  case Opcode::Mul:
    return llvm::MulOverflow(a, b, result) ? std::nullopt
                                           : std::optional(result);
  case Opcode::FloorDiv:
    return b > 0 ? std::optional(llvm::divideFloorSigned(a, b)) : std::nullopt;
  case Opcode::CeilDiv:
    return b > 0 ? std::optional(llvm::divideCeilSigned(a, b)) : std::nullopt;
  case Opcode::Mod:
    return b > 0 ? std::optional(llvm::mod(a, b)) : std::nullopt;
  case Opcode::Min:
    return std::min(a, b);
  case Opcode::Max:
    return std::max(a, b);
  case Opcode::Less:
    return a < b;
  case Opcode::Equal:
    return a == b;
  default:
    return std::nullopt;
  }
}

std::optional<Slot> SlotBuilder::fold(Opcode op, Slot a, Slot b) {
  std::optional<int64_t> va = constantValue(a), vb = constantValue(b);
  if (va && vb)
    if (auto value = evaluate(op, *va, *vb))
      return constant(*value);
  switch (op) {
  case Opcode::Add:
    return va == 0   ? std::optional(b)
           : vb == 0 ? std::optional(a)
                     : std::nullopt;
  case Opcode::Sub:
    return a == b    ? std::optional(constant(0))
           : vb == 0 ? std::optional(a)
                     : std::nullopt;
  case Opcode::Mul:
    if (va == 0 || vb == 0)
      return constant(0);
    return va == 1   ? std::optional(b)
           : vb == 1 ? std::optional(a)
                     : std::nullopt;
  case Opcode::FloorDiv:
  case Opcode::CeilDiv:
    return vb == 1 ? std::optional(a) : std::nullopt;
  case Opcode::Mod:
    return vb == 1 ? std::optional(constant(0)) : std::nullopt;
  case Opcode::Min:
  case Opcode::Max:
    return a == b ? std::optional(a) : std::nullopt;
  case Opcode::Equal:
    return a == b ? std::optional(constant(1)) : std::nullopt;
  case Opcode::Less:
    return a == b ? std::optional(constant(0)) : std::nullopt;
  default:
    return std::nullopt;
  }
}

static bool commutes(Opcode op) {
  return op == Opcode::Add || op == Opcode::Mul || op == Opcode::Min ||
         op == Opcode::Max || op == Opcode::Equal;
}

Slot SlotBuilder::binary(Opcode op, Slot a, Slot b) {
  if (commutes(op) && b < a)
    std::swap(a, b);
  if (auto folded = fold(op, a, b))
    return *folded;
  // A division that may fail must not run where the body would jump over it.
  bool mayFail =
      (op == Opcode::FloorDiv || op == Opcode::CeilDiv || op == Opcode::Mod) &&
      constantValue(b).value_or(0) == 0;
  bool early =
      isInvariant(a) && isInvariant(b) && (!mayFail || scopes.size() == 1);
  Slot slot = compute(op, a, b, 0, early);
  if (!isStatic(a) || !isStatic(b) || !early)
    dynamic.insert(slot);
  return slot;
}

Slot SlotBuilder::select(Slot condition, Slot ifTrue, Slot ifFalse) {
  if (ifTrue == ifFalse)
    return ifTrue;
  if (auto value = constantValue(condition))
    return *value ? ifTrue : ifFalse;
  bool early =
      isInvariant(condition) && isInvariant(ifTrue) && isInvariant(ifFalse);
  Slot slot = compute(Opcode::Select, condition, ifTrue, ifFalse, early);
  if (!early || !isStatic(condition) || !isStatic(ifTrue) || !isStatic(ifFalse))
    dynamic.insert(slot);
  return slot;
}

Slot SlotBuilder::stateFact(Opcode op, uint32_t state) {
  Slot slot = compute(op, state, 0, 0, /*early=*/true);
  dynamic.insert(slot);
  return slot;
}

Slot SlotBuilder::load(uint32_t index) {
  Slot slot = next++;
  body.emplace_back(index, slot, 0, 0, Opcode::Load);
  dynamic.insert(slot);
  inPlace.insert(slot);
  return slot;
}

Slot SlotBuilder::product(llvm::ArrayRef<Slot> factors) {
  Slot result = constant(1);
  for (Slot factor : factors)
    result = mul(result, factor);
  return result;
}

void SlotBuilder::run(Opcode op, uint32_t index) {
  body.emplace_back(index, 0, 0, 0, op);
}

void SlotBuilder::jumpTo(size_t index, int64_t target) {
  fb::Instruction &old = body[index];
  old = fb::Instruction(target, old.dst(), old.a(), old.b(), old.op());
}

Slot SlotBuilder::beginFor(Slot begin, Slot end) {
  Slot slot = next++;
  dynamic.insert(slot);
  inPlace.insert(slot);
  scopes.push_back({ScopeKind::For, body.size(), Computed()});
  body.emplace_back(0, slot, begin, end, Opcode::For);
  return slot;
}

void SlotBuilder::endFor() {
  Scope scope = scopes.pop_back_val();
  assert(scope.kind == ScopeKind::For && "endFor without beginFor");
  jumpTo(scope.opener, body.size());
  body.emplace_back(scope.opener, 0, 0, 0, Opcode::End);
}

void SlotBuilder::beginSkipUnless(Slot condition) {
  scopes.push_back({ScopeKind::SkipUnless, body.size(), Computed()});
  body.emplace_back(0, 0, condition, 0, Opcode::SkipUnless);
}

void SlotBuilder::endSkipUnless() {
  Scope scope = scopes.pop_back_val();
  assert(scope.kind == ScopeKind::SkipUnless && "end without begin");
  jumpTo(scope.opener, body.size());
}

namespace {
/// The slots that something reads.
class UsedSlots {
public:
  explicit UsedSlots(size_t count) : used(count) {}

  bool contains(Slot slot) const { return used[slot]; }
  void add(Slot slot) { used[slot] = true; }
  void add(const fb::Operand &operand) {
    add(operand.offset());
    add(operand.extent());
  }
  void add(const fb::Instruction &instruction);
  void add(const fb::FunctionT &function);

private:
  std::vector<bool> used;
};
} // namespace

void UsedSlots::add(const fb::Instruction &instruction) {
  Opcode op = instruction.op();
  bool isBinary = op >= Opcode::Add && op <= Opcode::Select;
  if (isBinary || op == Opcode::For || op == Opcode::SkipUnless)
    add(instruction.a());
  if (isBinary || op == Opcode::For)
    add(instruction.b());
  if (op == Opcode::Select)
    add(Slot(instruction.value()));
}

void UsedSlots::add(const fb::FunctionT &function) {
  for (const auto &launch : function.launches) {
    add(launch->tasks);
    if (launch->work != kNone)
      add(launch->work);
    for (Slot scalar : launch->scalars)
      add(scalar);
    for (const fb::Operand &operand : launch->operands)
      add(operand);
  }
  for (const auto &copy : function.copies) {
    add(*copy->from);
    add(*copy->to);
  }
  for (const auto &load : function.loads)
    add(*load->from);
  for (Slot slot : {function.arena, function.tokens})
    if (slot != kNone)
      add(slot);
}

void SlotBuilder::dropUnused(const fb::FunctionT &function) {
  UsedSlots used(next);
  used.add(function);
  for (const fb::Instruction &instruction : body)
    used.add(instruction);
  std::vector<fb::Instruction> kept;
  for (const fb::Instruction &instruction : llvm::reverse(prologue))
    if (used.contains(instruction.dst())) {
      used.add(instruction);
      kept.push_back(instruction);
    }
  prologue.assign(kept.rbegin(), kept.rend());
}

void SlotBuilder::finish(fb::FunctionT &function) {
  assert(scopes.size() == 1 && "a loop or condition is still open");
  dropUnused(function);
  // Jumps were written as indices into the body.
  for (size_t i = 0, e = body.size(); i != e; ++i)
    if (body[i].op() == Opcode::For || body[i].op() == Opcode::End ||
        body[i].op() == Opcode::SkipUnless)
      jumpTo(i, body[i].value() + prologue.size());
  function.slots = next;
  function.body = std::move(prologue);
  function.body.insert(function.body.end(), body.begin(), body.end());
}
