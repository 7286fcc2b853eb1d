//===- Logic.cpp - Truth values, comparisons, choices, conversions --------===//

#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft::onnx;

template <typename Op> static LogicalResult importBool(Node &n) {
  if (failed(n.expect(0, "bool")) || failed(n.expect(1, "bool")))
    return failure();
  // True and x is x.
  if (std::is_same_v<Op, arith::AndIOp>)
    for (unsigned i : {0, 1})
      if (n.input(i).getSplat() == 1.0) {
        FailureOr<Sizes> sizes = n.g.getBroadcastSizes(n.getInputs());
        if (failed(sizes))
          return failure();
        return n.setOutput(0, n.g.broadcast(n.input(1 - i), *sizes));
      }
  return n.finish(n.g.pointwise(n.getInputs(), n.input(0).element,
                                [](BodyBuilder &b, ValueRange args) -> Value {
                                  return Op::create(b, args[0], args[1]);
                                }));
}

template <typename Op> static LogicalResult importBitwise(Node &n) {
  if (failed(n.expect(0, "integer")) || failed(n.expectSameType(0, 1)))
    return failure();
  FailureOr<Tensor> result =
      n.g.pointwise(n.getInputs(), n.input(0).element,
                    [](BodyBuilder &b, ValueRange args) -> Value {
                      return Op::create(b, args[0], args[1]);
                    });
  if (failed(result))
    return failure();
  result->isUnsigned = n.input(0).isUnsigned;
  return n.setOutput(0, *result);
}

/// By as many bits as there are, by more, or by less than none, nothing is left
/// but, to the right, the sign.
static LogicalResult importBitShift(Node &n) {
  const std::string direction = n.getString("direction", "");
  const bool isLeft = direction == "LEFT";
  if (failed(n.expect(0, "integer")) || failed(n.expectSameType(0, 1)))
    return failure();
  if (!isLeft && direction != "RIGHT")
    return n.fail("expected direction LEFT or RIGHT but got \"" + direction +
                  "\"");
  const bool keepsSign = !isLeft && !n.input(0).isUnsigned;
  FailureOr<Tensor> result = n.g.pointwise(
      n.getInputs(), n.input(0).element,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        Type type = args[0].getType();
        const unsigned width = type.getIntOrFloatBitWidth();
        Value isSome = arith::CmpIOp::create(
            b, arith::CmpIPredicate::ult, args[1], buildNumber(b, type, width));
        Value count = arith::SelectOp::create(b, isSome, args[1],
                                              buildNumber(b, type, width - 1));
        if (keepsSign)
          return arith::ShRSIOp::create(b, args[0], count);
        Value shifted =
            isLeft ? arith::ShLIOp::create(b, args[0], count).getResult()
                   : arith::ShRUIOp::create(b, args[0], count).getResult();
        return arith::SelectOp::create(b, isSome, shifted,
                                       buildNumber(b, type, 0));
      });
  if (failed(result))
    return failure();
  result->isUnsigned = n.input(0).isUnsigned;
  return n.setOutput(0, *result);
}

static LogicalResult importInverse(Node &n, StringRef kind) {
  if (failed(n.expect(0, kind)))
    return failure();
  Tensor result =
      n.g.unary(n.input(0), n.input(0).element,
                [](BodyBuilder &b, ValueRange args) -> Value {
                  return arith::XOrIOp::create(
                      b, args[0], buildNumber(b, args[0].getType(), -1));
                });
  result.isUnsigned = n.input(0).isUnsigned;
  return n.setOutput(0, result);
}
static LogicalResult importNot(Node &n) { return importInverse(n, "bool"); }
static LogicalResult importBitwiseNot(Node &n) {
  return importInverse(n, "integer");
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// Compares known numbers, so that choices between shapes are made here.
template <arith::CmpIPredicate integers>
static std::optional<Tensor> compareKnown(Node &n) {
  auto x = n.input(0).getNumbers(), y = n.input(1).getNumbers();
  if (!x || !y || (x->size() != 1 && y->size() != 1 && x->size() != y->size()))
    return std::nullopt;
  Sizes result;
  for (size_t i = 0; i < std::max(x->size(), y->size()); ++i) {
    APInt a(64, (*x)[x->size() == 1 ? 0 : i], true);
    APInt c(64, (*y)[y->size() == 1 ? 0 : i], true);
    result.push_back(arith::applyCmpPredicate(integers, a, c));
  }
  FailureOr<Sizes> sizes = n.g.getBroadcastSizes(n.getInputs());
  if (failed(sizes) || !getProduct(*sizes).is(int64_t(result.size())))
    return std::nullopt;
  return n.g.makeKnown(result, *sizes, n.g.b.getI1Type());
}

static arith::CmpIPredicate getUnsigned(arith::CmpIPredicate predicate) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case P::slt:
    return P::ult;
  case P::sle:
    return P::ule;
  case P::sgt:
    return P::ugt;
  case P::sge:
    return P::uge;
  default:
    return predicate;
  }
}

template <arith::CmpFPredicate floats, arith::CmpIPredicate integers>
static LogicalResult importComparison(Node &n) {
  if (failed(n.expectSameType(0, 1)))
    return failure();
  if (n.input(0).isBool() && integers != arith::CmpIPredicate::eq)
    return n.fail("expected inputs of numbers but got bool");
  if (auto known = compareKnown<integers>(n))
    return n.setOutput(0, *known);
  // Ranges are not below 0, which masks ask.
  if (integers == arith::CmpIPredicate::sge && n.input(0).isNonNegative &&
      n.input(1).getSplat() == 0.0) {
    FailureOr<Sizes> sizes = n.g.getBroadcastSizes(n.getInputs());
    if (failed(sizes))
      return failure();
    return n.setOutput(0, n.g.makeSplat(1, n.g.b.getI1Type(), *sizes));
  }
  return n.finish(n.g.pointwise(
      n.getInputs(), n.g.b.getI1Type(),
      [&](BodyBuilder &b, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::CmpFOp::create(b, floats, args[0], args[1]);
        return arith::CmpIOp::create(
            b, n.input(0).isUnsigned ? getUnsigned(integers) : integers,
            args[0], args[1]);
      }));
}

static LogicalResult importIsNaN(Node &n) {
  if (failed(n.expect(0, "float")))
    return failure();
  return n.setOutput(0, n.g.unary(n.input(0), n.g.b.getI1Type(),
                                  [](BodyBuilder &b, ValueRange args) -> Value {
                                    return arith::CmpFOp::create(
                                        b, arith::CmpFPredicate::UNO, args[0],
                                        args[0]);
                                  }));
}

static LogicalResult importIsInf(Node &n) {
  if (failed(n.expect(0, "float")))
    return failure();
  const bool positive = n.getFlag("detect_positive", true);
  const bool negative = n.getFlag("detect_negative", true);
  return n.setOutput(
      0, n.g.unary(n.input(0), n.g.b.getI1Type(),
                   [&](BodyBuilder &b, ValueRange args) -> Value {
                     Value result = buildNumber(b, b.getI1Type(), 0);
                     auto add = [&](double infinity) {
                       Value limit =
                           buildNumber(b, args[0].getType(), infinity);
                       Value is = arith::CmpFOp::create(
                           b, arith::CmpFPredicate::OEQ, args[0], limit);
                       result = arith::OrIOp::create(b, result, is);
                     };
                     if (positive)
                       add(std::numeric_limits<double>::infinity());
                     if (negative)
                       add(-std::numeric_limits<double>::infinity());
                     return result;
                   }));
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

static LogicalResult importWhere(Node &n) {
  if (failed(n.expect(0, "bool")) || failed(n.expectSameType(1, 2)))
    return failure();
  const Tensor &condition = n.input(0), &x = n.input(1), &y = n.input(2);
  auto chosen = condition.getNumbers();
  if (chosen && x.known && y.known && x.sizes == condition.sizes &&
      y.sizes == condition.sizes) {
    Sizes result;
    for (auto [choice, a, c] : llvm::zip(*chosen, *x.known, *y.known))
      result.push_back(choice ? a : c);
    return n.setOutput(0, n.g.makeKnown(result, x.sizes, x.element));
  }
  // A choice that is made already leaves a view.
  FailureOr<Sizes> sizes = n.g.getBroadcastSizes(n.getInputs());
  if (failed(sizes))
    return failure();
  if (auto all = condition.getSplat())
    return n.setOutput(0, n.g.broadcast(*all ? x : y, *sizes));
  return n.finish(n.g.pointwise(
      n.getInputs(), x.element, [](BodyBuilder &b, ValueRange args) -> Value {
        return arith::SelectOp::create(b, args[0], args[1], args[2]);
      }));
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

static LogicalResult importCast(Node &n) {
  n.ignore({"saturate", "round_mode"}); // of types that are not supported
  const int64_t to = n.getInt("to", 0);
  auto type = getPortType(n.g.b.getContext(), int32_t(to));
  if (!type)
    return n.fail("conversion to " +
                  weft::formats::getOnnxTypeName(int32_t(to)) +
                  " is not supported");
  const Tensor &x = n.input(0);
  if (!x.isUnsigned && !type->isUnsignedInteger())
    return n.setOutput(0, n.g.cast(x, *type));
  Type stored = getStoredType(*type);
  Tensor result =
      n.g.unary(x, stored, [&](BodyBuilder &b, ValueRange args) -> Value {
        Type from = args[0].getType();
        const bool fromReal = isa<FloatType>(from),
                   toReal = isa<FloatType>(stored);
        if (x.isUnsigned && toReal)
          return arith::UIToFPOp::create(b, getComputeType(stored), args[0]);
        if (x.isUnsigned && !stored.isInteger(1) &&
            from.getIntOrFloatBitWidth() < stored.getIntOrFloatBitWidth())
          return arith::ExtUIOp::create(b, stored, args[0]);
        if (fromReal && type->isUnsignedInteger())
          return arith::FPToUIOp::create(b, stored, args[0]);
        return buildCast(b, args[0], stored);
      });
  result.isUnsigned = type->isUnsignedInteger();
  return n.setOutput(0, result);
}

static LogicalResult importCastLike(Node &n) {
  n.ignore({"saturate", "round_mode"});
  return n.setOutput(0, n.g.cast(n.input(0), n.input(1).element));
}

OperatorGroup weft::onnx::getLogicOperators() {
  using FP = arith::CmpFPredicate;
  using IP = arith::CmpIPredicate;
  static const Operator operators[] = {
      {"And", 2, 2, 7, importBool<arith::AndIOp>},
      {"BitShift", 2, 2, 11, importBitShift, true},
      {"BitwiseAnd", 2, 2, 18, importBitwise<arith::AndIOp>, true},
      {"BitwiseNot", 1, 1, 18, importBitwiseNot, true},
      {"BitwiseOr", 2, 2, 18, importBitwise<arith::OrIOp>, true},
      {"BitwiseXor", 2, 2, 18, importBitwise<arith::XOrIOp>, true},
      {"Cast", 1, 1, 6, importCast, true},
      {"CastLike", 2, 2, 15, importCastLike},
      {"Equal", 2, 2, 7, importComparison<FP::OEQ, IP::eq>, true},
      {"Greater", 2, 2, 7, importComparison<FP::OGT, IP::sgt>, true},
      {"GreaterOrEqual", 2, 2, 12, importComparison<FP::OGE, IP::sge>, true},
      {"IsInf", 1, 1, 10, importIsInf},
      {"IsNaN", 1, 1, 9, importIsNaN},
      {"Less", 2, 2, 7, importComparison<FP::OLT, IP::slt>, true},
      {"LessOrEqual", 2, 2, 12, importComparison<FP::OLE, IP::sle>, true},
      {"Not", 1, 1, 1, importNot},
      {"Or", 2, 2, 7, importBool<arith::OrIOp>},
      {"Where", 3, 3, 9, importWhere},
      {"Xor", 2, 2, 7, importBool<arith::XOrIOp>},
  };
  return operators;
}
