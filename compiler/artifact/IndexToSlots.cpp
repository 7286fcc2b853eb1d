//===- IndexToSlots.cpp - Index values as slots ---------------------------===//

#include "compiler/artifact/IndexToSlots.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;
using fb::Opcode;

SmallVector<Slot> IndexToSlots::get(ValueRange values) const {
  return llvm::map_to_vector(values, [&](Value value) { return get(value); });
}

Slot IndexToSlots::reduce(Opcode op, ArrayRef<Slot> values) {
  Slot result = values.front();
  for (Slot value : values.drop_front())
    result = slots.binary(op, result, value);
  return result;
}

Slot IndexToSlots::apply(AffineExpr expr, unsigned dims,
                         ArrayRef<Slot> operands) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return slots.constant(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return operands[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return operands[dims + symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Slot a = apply(binary.getLHS(), dims, operands);
  Slot b = apply(binary.getRHS(), dims, operands);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return slots.add(a, b);
  case AffineExprKind::Mul:
    return slots.mul(a, b);
  case AffineExprKind::FloorDiv:
    return slots.binary(Opcode::FloorDiv, a, b);
  case AffineExprKind::CeilDiv:
    return slots.binary(Opcode::CeilDiv, a, b);
  default:
    return slots.binary(Opcode::Mod, a, b);
  }
}

SmallVector<Slot> IndexToSlots::apply(AffineMap map, ArrayRef<Slot> operands) {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) {
    return apply(expr, map.getNumDims(), operands);
  });
}

/// The instruction of an op with two operands, if there is one. Sizes and
/// offsets are never negative, so that signed and unsigned forms are alike.
static std::optional<Opcode> opcodeOf(Operation *op) {
  return TypeSwitch<Operation *, std::optional<Opcode>>(op)
      .Case<arith::AddIOp>([](auto) { return Opcode::Add; })
      .Case<arith::SubIOp>([](auto) { return Opcode::Sub; })
      .Case<arith::MulIOp, arith::AndIOp>([](auto) { return Opcode::Mul; })
      .Case<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(
          [](auto) { return Opcode::FloorDiv; })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>(
          [](auto) { return Opcode::CeilDiv; })
      .Case<arith::RemUIOp, arith::RemSIOp>([](auto) { return Opcode::Mod; })
      .Case<arith::MinSIOp, arith::MinUIOp>([](auto) { return Opcode::Min; })
      .Case<arith::MaxSIOp, arith::MaxUIOp, arith::OrIOp>(
          [](auto) { return Opcode::Max; })
      .Default([](auto) { return std::nullopt; });
}

/// `and` and `or` are products and maxima of truth values only.
static bool isBitwise(Operation *op) {
  return isa<arith::AndIOp, arith::OrIOp>(op) &&
         !op->getResult(0).getType().isInteger(1);
}

static Slot compare(SlotBuilder &slots, arith::CmpIPredicate predicate, Slot a,
                    Slot b) {
  auto negated = [&](Slot slot) {
    return slots.binary(Opcode::Equal, slot, slots.constant(0));
  };
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::eq:
    return slots.binary(Opcode::Equal, a, b);
  case P::ne:
    return negated(slots.binary(Opcode::Equal, a, b));
  case P::slt:
  case P::ult:
    return slots.binary(Opcode::Less, a, b);
  case P::sgt:
  case P::ugt:
    return slots.binary(Opcode::Less, b, a);
  case P::sle:
  case P::ule:
    return negated(slots.binary(Opcode::Less, b, a));
  case P::sge:
  case P::uge:
    return negated(slots.binary(Opcode::Less, a, b));
  }
  llvm_unreachable("all predicates are handled");
}

LogicalResult IndexToSlots::translate(Operation *op) {
  if (auto opcode = opcodeOf(op); opcode && !isBitwise(op)) {
    set(op->getResult(0),
        slots.binary(*opcode, get(op->getOperand(0)), get(op->getOperand(1))));
    return success();
  }
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](arith::ConstantOp constant) -> LogicalResult {
        auto value = dyn_cast<IntegerAttr>(constant.getValue());
        if (!value)
          return op->emitOpError("expected an integer but got ")
                 << constant.getValue();
        // A truth value is 1 or 0.
        bool isTruth = value.getType().isInteger(1);
        set(constant, slots.constant(isTruth ? value.getValue().getZExtValue()
                                             : value.getInt()));
        return success();
      })
      .Case([&](arith::CmpIOp cmp) {
        set(cmp, compare(slots, cmp.getPredicate(), get(cmp.getLhs()),
                         get(cmp.getRhs())));
        return success();
      })
      .Case([&](arith::SelectOp select) {
        set(select,
            slots.select(get(select.getCondition()), get(select.getTrueValue()),
                         get(select.getFalseValue())));
        return success();
      })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtUIOp>(
          [&](auto) {
            set(op->getResult(0), get(op->getOperand(0)));
            return success();
          })
      .Case([&](affine::AffineApplyOp apply) {
        set(apply, this->apply(apply.getAffineMap(), get(apply.getOperands()))
                       .front());
        return success();
      })
      .Case([&](affine::AffineMinOp min) {
        set(min, reduce(Opcode::Min,
                        apply(min.getAffineMap(), get(min.getOperands()))));
        return success();
      })
      .Case([&](affine::AffineMaxOp max) {
        set(max, reduce(Opcode::Max,
                        apply(max.getAffineMap(), get(max.getOperands()))));
        return success();
      })
      .Default([](Operation *op) {
        return op->emitOpError("has no instruction in an artifact");
      });
}
