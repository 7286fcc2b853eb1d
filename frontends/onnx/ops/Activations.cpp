//===- Activations.cpp - Functions between the layers ---------------------===//

#include "frontends/common/Activations.h"
#include "frontends/onnx/Node.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace weft::onnx;
using weft::Activation;
using weft::buildActivation;
using weft::buildScale;

static Value number(BodyBuilder &b, double value) {
  return buildNumber(b, b.getF32Type(), value);
}
static Value isAbove(BodyBuilder &b, Value x, Value y) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, y);
}
static Value select(BodyBuilder &b, Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, condition, x, y);
}
static Value expMinusOne(BodyBuilder &b, Value x) {
  return math::ExpM1Op::create(b, x);
}

/// A function of one float; `alpha` and `beta` are attributes or unused.
using Function = Value (*)(BodyBuilder &, Value x, double alpha, double beta);

static LogicalResult importFunction(Node &n, Function function,
                                    double alpha = 0, double beta = 0) {
  if (failed(n.expect(0, "float")))
    return failure();
  return n.setOutput(0, n.g.unary(n.input(0), n.input(0).element,
                                  [&](BodyBuilder &b, ValueRange args) {
                                    return function(b, args[0], alpha, beta);
                                  }));
}

template <Activation activation>
static LogicalResult importActivation(Node &n) {
  return importFunction(n, [](BodyBuilder &b, Value x, double, double) {
    return buildActivation(b, activation, x);
  });
}

static LogicalResult importRelu(Node &n) {
  const Tensor &x = n.input(0);
  if (failed(n.expect(0, "number")))
    return failure();
  return n.setOutput(
      0, n.g.unary(x, x.element, [](BodyBuilder &b, ValueRange args) -> Value {
        Value zero = buildNumber(b, args[0].getType(), 0);
        if (isa<FloatType>(zero.getType()))
          return arith::MaximumFOp::create(b, args[0], zero);
        return arith::MaxSIOp::create(b, args[0], zero);
      }));
}

static LogicalResult importGelu(Node &n) {
  const std::string how = n.getString("approximate", "none");
  if (how == "none")
    return importActivation<Activation::Gelu>(n);
  if (how == "tanh")
    return importActivation<Activation::GeluTanh>(n);
  return n.fail("expected \"none\" or \"tanh\" as attribute approximate but "
                "got \"" +
                how + "\"");
}

static Value buildSwish(BodyBuilder &b, Value x, double alpha) {
  if (alpha == 1)
    return buildActivation(b, Activation::Silu, x);
  Value gate = buildActivation(b, Activation::Sigmoid, buildScale(b, x, alpha));
  return arith::MulFOp::create(b, x, gate);
}

static LogicalResult importSwish(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double) {
        return buildSwish(b, x, alpha);
      },
      n.getFloat("alpha", 1));
}

static LogicalResult importSwiGlu(Node &n) {
  if (failed(n.expect(0, "float")) || failed(n.expectSameType(0, 1)))
    return failure();
  const double alpha = n.getFloat("alpha", 1);
  return n.finish(n.g.pointwise(
      n.getInputs(), n.input(0).element,
      [&](BodyBuilder &b, ValueRange args) -> Value {
        return arith::MulFOp::create(b, buildSwish(b, args[0], alpha), args[1]);
      }));
}

static LogicalResult importLeakyRelu(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double) {
        Value zero = number(b, 0);
        Value isNegative =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, zero);
        return select(b, isNegative, buildScale(b, x, alpha), x);
      },
      n.getFloat("alpha", 0.01));
}

static LogicalResult importPRelu(Node &n) {
  if (failed(n.expect(0, "float")) || failed(n.expectSameType(0, 1)))
    return failure();
  return n.finish(
      n.g.pointwise(n.getInputs(), n.input(0).element,
                    [&](BodyBuilder &b, ValueRange args) -> Value {
                      Value isNegative = arith::CmpFOp::create(
                          b, arith::CmpFPredicate::OLT, args[0], number(b, 0));
                      Value scaled = arith::MulFOp::create(b, args[0], args[1]);
                      return select(b, isNegative, scaled, args[0]);
                    }));
}

static LogicalResult importElu(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double) {
        return select(b, isAbove(b, x, number(b, 0)), x,
                      buildScale(b, expMinusOne(b, x), alpha));
      },
      n.getFloat("alpha", 1));
}

static LogicalResult importCelu(Node &n) {
  const double alpha = n.getFloat("alpha", 1);
  if (alpha == 0)
    return n.fail("expected attribute alpha other than 0");
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double) -> Value {
        Value zero = number(b, 0);
        Value above = arith::MaximumFOp::create(b, x, zero);
        Value curve =
            buildScale(b, expMinusOne(b, buildScale(b, x, 1 / alpha)), alpha);
        Value below = arith::MinimumFOp::create(b, curve, zero);
        return arith::AddFOp::create(b, above, below);
      },
      alpha);
}

static LogicalResult importSelu(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double gamma) {
        Value below = buildScale(b, expMinusOne(b, x), alpha);
        Value y = select(b, isAbove(b, x, number(b, 0)), x, below);
        return buildScale(b, y, gamma);
      },
      n.getFloat("alpha", 1.67326319217681884765625),
      n.getFloat("gamma", 1.05070102214813232421875));
}

/// max(0, min(1, alpha x + beta))
static Value buildHardSigmoid(BodyBuilder &b, Value x, double alpha,
                              double beta) {
  Value line =
      arith::AddFOp::create(b, buildScale(b, x, alpha), number(b, beta));
  Value least = arith::MaximumFOp::create(b, line, number(b, 0));
  return arith::MinimumFOp::create(b, least, number(b, 1));
}

static LogicalResult importHardSigmoid(Node &n) {
  return importFunction(n, buildHardSigmoid, n.getFloat("alpha", 0.2),
                        n.getFloat("beta", 0.5));
}

static LogicalResult importHardSwish(Node &n) {
  return importFunction(n,
                        [](BodyBuilder &b, Value x, double, double) -> Value {
                          return arith::MulFOp::create(
                              b, x, buildHardSigmoid(b, x, 1.0 / 6, 0.5));
                        });
}

static LogicalResult importMish(Node &n) {
  return importFunction(
      n, [](BodyBuilder &b, Value x, double, double) -> Value {
        Value soft = buildActivation(b, Activation::Softplus, x);
        return arith::MulFOp::create(b, x, math::TanhOp::create(b, soft));
      });
}

static LogicalResult importSoftsign(Node &n) {
  return importFunction(
      n, [](BodyBuilder &b, Value x, double, double) -> Value {
        Value size = math::AbsFOp::create(b, x);
        return arith::DivFOp::create(
            b, x, arith::AddFOp::create(b, size, number(b, 1)));
      });
}

static LogicalResult importThresholdedRelu(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double alpha, double) {
        return select(b, isAbove(b, x, number(b, alpha)), x, number(b, 0));
      },
      n.getFloat("alpha", 1));
}

static LogicalResult importShrink(Node &n) {
  return importFunction(
      n,
      [](BodyBuilder &b, Value x, double lambda, double bias) {
        Value zero = number(b, 0), shift = number(b, bias);
        Value above = isAbove(b, x, number(b, lambda));
        Value below = isAbove(b, number(b, -lambda), x);
        Value lower =
            select(b, below, arith::AddFOp::create(b, x, shift), zero);
        return select(b, above, arith::SubFOp::create(b, x, shift), lower);
      },
      n.getFloat("lambd", 0.5), n.getFloat("bias", 0));
}

OperatorGroup weft::onnx::getActivationOperators() {
  static const Operator operators[] = {
      {"Celu", 1, 1, 12, importCelu},
      {"Elu", 1, 1, 6, importElu},
      {"Gelu", 1, 1, 20, importGelu},
      {"HardSigmoid", 1, 1, 6, importHardSigmoid},
      {"HardSwish", 1, 1, 14, importHardSwish},
      {"LeakyRelu", 1, 1, 6, importLeakyRelu},
      {"Mish", 1, 1, 18, importMish},
      {"PRelu", 2, 2, 7, importPRelu},
      {"Relu", 1, 1, 6, importRelu},
      {"Selu", 1, 1, 6, importSelu},
      {"Shrink", 1, 1, 9, importShrink},
      {"Sigmoid", 1, 1, 6, importActivation<Activation::Sigmoid>},
      {"Softplus", 1, 1, 1, importActivation<Activation::Softplus>},
      {"Softsign", 1, 1, 1, importSoftsign},
      {"SwiGLU", 2, 2, 28, importSwiGlu},
      {"Swish", 1, 1, 24, importSwish},
      {"ThresholdedRelu", 1, 1, 10, importThresholdedRelu},
  };
  return operators;
}
