//===- TileRelation.cpp - Interval arithmetic on the IR of masks ----------===//

#include "compiler/codegen/cpu/attention/TileRelation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

namespace {

/// Runs the ops of a mask on ranges. What has no rule has no entry: a number
/// may be anything then, and a condition may hold or not.
class RangeBuilder {
public:
  /// Numbers have `type`: index, or a vector of i32.
  RangeBuilder(KernelBuilder &b, Type type) : b(b), type(type) {}

  void set(Value value, PositionRange range) { numbers[value] = range; }
  void run(Operation &op);
  TileRelation getCondition(Value value) {
    auto it = conditions.find(value);
    return it == conditions.end() ? TileRelation{flag(true), flag(false)}
                                  : it->second;
  }

private:
  Value flag(bool value) {
    Type flags = b.getI1Type();
    if (auto vector = dyn_cast<VectorType>(type))
      flags = vector.clone(flags);
    return b.integer(value, flags);
  }
  Value number(int64_t value) { return b.integer(value, type); }
  Value choose(Value condition, Value yes, Value no) {
    return b.createOrFold<arith::SelectOp>(condition, yes, no);
  }
  Value both(Value x, Value y) { return b.createOrFold<arith::AndIOp>(x, y); }
  Value either(Value x, Value y) { return b.createOrFold<arith::OrIOp>(x, y); }
  Value opposite(Value x) {
    return b.createOrFold<arith::XOrIOp>(x, flag(true));
  }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return b.createOrFold<arith::CmpIOp>(predicate, x, y);
  }
  std::optional<PositionRange> get(Value value) {
    auto it = numbers.find(value);
    if (it == numbers.end())
      return std::nullopt;
    return it->second;
  }

  void runNumber(Operation &op);
  void runConstant(arith::ConstantOp op);
  void runRemainder(Value result, PositionRange x, int64_t divisor);
  void runCompare(arith::CmpIOp op);
  bool runBit(arith::CmpIOp op);
  void runSelect(arith::SelectOp op);

  KernelBuilder &b;
  Type type;
  llvm::DenseMap<Value, PositionRange> numbers;
  llvm::DenseMap<Value, TileRelation> conditions;
};

} // namespace

void RangeBuilder::run(Operation &op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return runConstant(constant);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return runCompare(compare);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return runSelect(select);
  if (op.getNumResults() != 1 || !op.getResult(0).getType().isInteger(1))
    return runNumber(op);
  if (!isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(op))
    return;
  TileRelation x = getCondition(op.getOperand(0));
  TileRelation y = getCondition(op.getOperand(1));
  TileRelation &result = conditions[op.getResult(0)];
  if (isa<arith::AndIOp>(op))
    result = {both(x.any, y.any), both(x.all, y.all)};
  else if (isa<arith::OrIOp>(op))
    result = {either(x.any, y.any), either(x.all, y.all)};
  else
    // One holds and the other does not.
    result = {
        either(both(x.any, opposite(y.all)), both(y.any, opposite(x.all))),
        either(both(x.all, opposite(y.any)), both(y.all, opposite(x.any)))};
}

void RangeBuilder::runConstant(arith::ConstantOp op) {
  auto attr = dyn_cast<IntegerAttr>(op.getValue());
  if (!attr)
    return;
  if (op.getType().isInteger(1)) {
    conditions[op] = {flag(!attr.getValue().isZero()),
                      flag(!attr.getValue().isZero())};
    return;
  }
  Value value = number(attr.getInt());
  numbers[op] = {value, value, 0};
}

void RangeBuilder::runNumber(Operation &op) {
  SmallVector<PositionRange> in;
  for (Value operand : op.getOperands()) {
    std::optional<PositionRange> range = get(operand);
    if (!range)
      return;
    in.push_back(*range);
  }
  auto set = [&](Value first, Value last, int64_t step = 1) {
    numbers[op.getResult(0)] = {first, last, step};
  };
  // What is made of single numbers is one; sums keep what the steps share.
  bool isOne = llvm::all_of(
      in, [](const PositionRange &range) { return range.step == 0; });
  int64_t step = isOne ? 0 : 1;
  auto shared = [&] { return std::gcd(in[0].step, in[1].step); };
  TypeSwitch<Operation *>(&op)
      .Case<arith::AddIOp>([&](auto) {
        set(b.add(in[0].first, in[1].first), b.add(in[0].last, in[1].last),
            shared());
      })
      .Case<arith::SubIOp>([&](auto) {
        set(b.sub(in[0].first, in[1].last), b.sub(in[0].last, in[1].first),
            shared());
      })
      .Case<arith::MinSIOp>([&](auto) {
        set(b.min(in[0].first, in[1].first), b.min(in[0].last, in[1].last),
            step);
      })
      .Case<arith::MaxSIOp>([&](auto) {
        set(b.max(in[0].first, in[1].first), b.max(in[0].last, in[1].last),
            step);
      })
      .Case<arith::MulIOp>([&](auto) {
        Value products[] = {
            b.mul(in[0].first, in[1].first), b.mul(in[0].first, in[1].last),
            b.mul(in[0].last, in[1].first), b.mul(in[0].last, in[1].last)};
        Value first = products[0], last = products[0];
        for (Value product : ArrayRef(products).drop_front()) {
          first = b.min(first, product);
          last = b.max(last, product);
        }
        set(first, last, step);
      })
      .Case<arith::RemSIOp>([&](auto rem) {
        APInt divisor;
        if (matchPattern(rem.getRhs(), m_ConstantInt(&divisor)) &&
            divisor.isStrictlyPositive())
          runRemainder(rem, in[0], divisor.getSExtValue());
      })
      .Case<arith::FloorDivSIOp, arith::DivUIOp, arith::DivSIOp>([&](auto div) {
        APInt divisor;
        if (!matchPattern(div.getRhs(), m_ConstantInt(&divisor)) ||
            !divisor.isStrictlyPositive())
          return;
        // Unsigned, what is negative would come last: positions are not.
        auto arg = dyn_cast<BlockArgument>(div.getLhs());
        if (isa<arith::DivUIOp>(div) && (!arg || arg.getArgNumber() == 2))
          return;
        using Div = decltype(div);
        set(b.createOrFold<Div>(in[0].first, in[1].first),
            b.createOrFold<Div>(in[0].last, in[1].first), step);
      })
      .Case<arith::IndexCastOp>(
          [&](auto) { set(in[0].first, in[0].last, in[0].step); });
}

void RangeBuilder::runRemainder(Value result, PositionRange x,
                                int64_t divisor) {
  auto operate = [&](auto op, Value value) -> Value {
    return b.createOrFold<decltype(op)>(value, number(divisor));
  };
  Value zero = number(0);
  Value startsBelow = compare(arith::CmpIPredicate::slt, x.first, zero);
  Value rest = operate(arith::RemSIOp(), x.first);
  if (x.step == 0) {
    numbers[result] = {rest, rest, 0};
    return;
  }
  if (x.step % divisor == 0) {
    // One remainder, less the divisor where the number is negative.
    Value isZero = compare(arith::CmpIPredicate::eq, rest, zero);
    Value below = choose(startsBelow, rest, b.sub(rest, number(divisor)));
    Value above = choose(startsBelow, b.add(rest, number(divisor)), rest);
    Value endsBelow = compare(arith::CmpIPredicate::slt, x.last, zero);
    numbers[result] = {choose(isZero, zero, choose(startsBelow, below, above)),
                       choose(isZero, zero, choose(endsBelow, below, above)),
                       divisor};
    return;
  }
  // Over numbers of one quotient the remainder runs along with them.
  Value together =
      compare(arith::CmpIPredicate::eq, operate(arith::DivSIOp(), x.first),
              operate(arith::DivSIOp(), x.last));
  Value lowest = choose(startsBelow, number(1 - divisor), zero);
  Value highest = choose(compare(arith::CmpIPredicate::sgt, x.last, zero),
                         number(divisor - 1), zero);
  numbers[result] = {
      choose(together, rest, lowest),
      choose(together, operate(arith::RemSIOp(), x.last), highest)};
}

/// Whether a bit of a word is set, (word >> number) & 1 == 1, as tables in
/// words are looked up. Of more than one word nothing is known.
bool RangeBuilder::runBit(arith::CmpIOp op) {
  using P = arith::CmpIPredicate;
  auto bit = op.getLhs().getDefiningOp<arith::AndIOp>();
  auto shift = bit ? bit.getLhs().getDefiningOp<arith::ShRUIOp>() : nullptr;
  if (!shift || op.getPredicate() != P::eq ||
      !matchPattern(bit.getRhs(), m_One()) ||
      !matchPattern(op.getRhs(), m_One()))
    return false;
  std::optional<PositionRange> word = get(shift.getLhs()),
                               place = get(shift.getRhs());
  if (!word || !place)
    return true;
  auto power = [&](int64_t factor, Value exponent) -> Value {
    return b.createOrFold<arith::ShLIOp>(number(factor), exponent);
  };
  Value wanted = b.sub(power(2, place->last), power(1, place->first));
  Value found = b.createOrFold<arith::AndIOp>(word->first, wanted);
  Value isOne = compare(P::eq, word->first, word->last);
  conditions[op] = {either(opposite(isOne), compare(P::ne, found, number(0))),
                    both(isOne, compare(P::eq, found, wanted))};
  return true;
}

void RangeBuilder::runCompare(arith::CmpIOp op) {
  if (runBit(op))
    return;
  using P = arith::CmpIPredicate;
  std::optional<PositionRange> x = get(op.getLhs()), y = get(op.getRhs());
  if (!x || !y)
    return;
  TileRelation &result = conditions[op];
  switch (op.getPredicate()) {
  case P::slt:
  case P::sle:
    result = {compare(op.getPredicate(), x->first, y->last),
              compare(op.getPredicate(), x->last, y->first)};
    return;
  case P::sgt:
  case P::sge:
    result = {compare(op.getPredicate(), x->last, y->first),
              compare(op.getPredicate(), x->first, y->last)};
    return;
  case P::eq:
  case P::ne: {
    Value overlaps = both(compare(P::sle, x->first, y->last),
                          compare(P::sle, y->first, x->last));
    Value same = both(compare(P::eq, x->first, y->last),
                      compare(P::eq, y->first, x->last));
    // At a stride they may lie between each other.
    if (int64_t step = std::gcd(x->step, y->step); step > 1) {
      Value rest = b.createOrFold<arith::RemSIOp>(b.sub(x->first, y->first),
                                                  number(step));
      overlaps = both(overlaps, compare(P::eq, rest, number(0)));
    }
    if (op.getPredicate() == P::eq)
      result = {overlaps, same};
    else
      result = {opposite(same), opposite(overlaps)};
    return;
  }
  default:
    conditions.erase(op);
  }
}

void RangeBuilder::runSelect(arith::SelectOp op) {
  if (!op.getCondition().getType().isInteger(1))
    return;
  TileRelation c = getCondition(op.getCondition());
  if (!op.getType().isInteger(1)) {
    // A side that is never taken does not widen the range.
    auto x = get(op.getTrueValue()), y = get(op.getFalseValue());
    if (!x || !y)
      return;
    auto merge = [&](Value x, Value y, Value both) {
      return choose(c.all, x, choose(c.any, both, y));
    };
    numbers[op] = {merge(x->first, y->first, b.min(x->first, y->first)),
                   merge(x->last, y->last, b.max(x->last, y->last))};
    return;
  }
  TileRelation x = getCondition(op.getTrueValue());
  TileRelation y = getCondition(op.getFalseValue());
  conditions[op] = {
      either(both(c.any, x.any), both(opposite(c.all), y.any)),
      either(either(both(c.all, x.all), both(opposite(c.any), y.all)),
             both(x.all, y.all))};
}

TileRelation cpu::buildTileRelation(KernelBuilder &b, MaskAttrInterface mask,
                                    std::optional<PositionRange> i,
                                    std::optional<PositionRange> j,
                                    PositionRange distance) {
  Location loc = b.getLoc();
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(loc);
  Block *body = scratch->getBody();
  SmallVector<Type> types(3, b.getIndexType());
  body->addArguments(types, SmallVector<Location>(3, loc));
  auto inner = ImplicitLocOpBuilder::atBlockEnd(loc, body);
  Value allowed = mask.buildAllowed(inner, body->getArgument(0),
                                    body->getArgument(1), body->getArgument(2));

  RangeBuilder ranges(b, distance.first.getType());
  if (i)
    ranges.set(body->getArgument(0), *i);
  if (j)
    ranges.set(body->getArgument(1), *j);
  ranges.set(body->getArgument(2), distance);
  for (Operation &op : *body)
    ranges.run(op);
  return ranges.getCondition(allowed);
}

TileRelation cpu::buildRegionRelation(
    KernelBuilder &b, Region &region, unsigned result,
    ArrayRef<std::pair<unsigned, PositionRange>> arguments) {
  RangeBuilder ranges(b, arguments.front().second.first.getType());
  Block &block = region.front();
  for (const auto &[number, range] : arguments)
    ranges.set(block.getArgument(number), range);
  for (Operation &op : block.without_terminator())
    ranges.run(op);
  return ranges.getCondition(block.getTerminator()->getOperand(result));
}
