//===- Losses.cpp - Losses of classes -------------------------------------===//
//
// What a target's logarithm of a probability costs, times the weight of its
// class. A target outside of the classes, which is not allowed, costs nothing.
//
//===----------------------------------------------------------------------===//

#include "frontends/onnx/Node.h"
#include "frontends/onnx/ops/Indices.h"
#include "frontends/onnx/ops/Norms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace weft::onnx;

/// The class of a target, and whether it counts.
static SafeIndex buildClass(BodyBuilder &b, Value target,
                            std::optional<int64_t> ignored, Value classes) {
  SafeIndex safe = buildSafeIndex(b, target, classes);
  Value zero = buildNumber(b, target.getType(), 0);
  auto require = [&](Value condition) {
    safe.isInside = arith::AndIOp::create(b, safe.isInside, condition);
  };
  require(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, target, zero));
  if (ignored)
    require(arith::CmpIOp::create(
        b, arith::CmpIPredicate::ne, target,
        buildNumber(b, target.getType(), double(*ignored))));
  return safe;
}

/// The loss of logarithms, batch x classes x ..., for targets, batch x ....
static LogicalResult setLoss(Node &n, const Tensor &logs) {
  GraphBuilder &g = n.g;
  const Tensor &targets = n.input(1);
  const std::string reduction = n.getString("reduction", "mean");
  std::optional<int64_t> ignored;
  if (n.has("ignore_index"))
    ignored = n.getInt("ignore_index", 0);
  if (reduction != "none" && reduction != "sum" && reduction != "mean")
    return n.fail("reduction \"" + reduction + "\" is not supported");
  Sizes own = logs.sizes;
  own.erase(own.begin() + 1);
  if (own != targets.sizes)
    return n.fail("expected targets of " + g.table.str(own) + " but got " +
                  g.table.str(targets.sizes));
  if (n.hasInput(2) && (failed(n.expect(2, "float")) ||
                        n.input(2).sizes != Sizes{logs.sizes[1]}))
    return n.fail("expected a weight for each of " +
                  g.table.str(logs.sizes[1]) + " classes but got " +
                  g.table.str(n.input(2).sizes));

  Type f32 = g.b.getF32Type();
  Value from = g.dense(logs), ids = g.dense(targets);
  Value weights = n.hasInput(2) ? g.dense(g.cast(n.input(2), f32)) : Value();
  Value classes = g.table.buildValue(logs.sizes[1]);
  Tensor weight =
      g.fromIndices(own, f32, [&](BodyBuilder &b, ValueRange at) -> Value {
        Value target = tensor::ExtractOp::create(b, ids, at);
        SafeIndex safe = buildClass(b, target, ignored, classes);
        Value number =
            weights
                ? tensor::ExtractOp::create(b, weights, safe.place).getResult()
                : buildNumber(b, f32, 1);
        return arith::SelectOp::create(b, safe.isInside, number,
                                       buildNumber(b, f32, 0));
      });
  Tensor gathered =
      g.fromIndices(own, f32, [&](BodyBuilder &b, ValueRange at) -> Value {
        Value target = tensor::ExtractOp::create(b, ids, at);
        SmallVector<Value> place(at);
        place.insert(place.begin() + 1,
                     buildClass(b, target, ignored, classes).place);
        Value number = tensor::ExtractOp::create(b, from, place);
        return buildCast(b, number, f32);
      });
  FailureOr<Tensor> loss = g.pointwise(
      {gathered, weight}, f32, [](BodyBuilder &b, ValueRange args) -> Value {
        Value zero = buildNumber(b, args[0].getType(), 0);
        Value counts =
            arith::CmpFOp::create(b, arith::CmpFPredicate::ONE, args[1], zero);
        Value cost = arith::NegFOp::create(
            b, arith::MulFOp::create(b, args[0], args[1]));
        return arith::SelectOp::create(b, counts, cost, zero);
      });
  if (failed(loss))
    return failure();
  Type element = n.input(0).element;
  if (reduction == "none")
    return n.setOutput(0, g.cast(*loss, element));
  auto axes =
      llvm::to_vector_of<int64_t>(llvm::seq<int64_t>(0, int64_t(own.size())));
  auto sum = [&](const Tensor &x) {
    return g.reduceAxes(x, axes, f32, makeNumber(f32, 0),
                        [](BodyBuilder &b, ValueRange args) -> Value {
                          return arith::AddFOp::create(b, args[1], args[0]);
                        });
  };
  if (reduction == "sum")
    return n.setOutput(0, g.cast(sum(*loss), element));
  return n.finish(g.pointwise({sum(*loss), sum(weight)}, element,
                              [](BodyBuilder &b, ValueRange args) -> Value {
                                return arith::DivFOp::create(b, args[0],
                                                             args[1]);
                              }));
}

static LogicalResult checkLoss(Node &n) {
  if (failed(n.expect(0, "float")) || failed(n.expect(1, "integer")) ||
      failed(n.expectRank(0, 2, 64)))
    return failure();
  return success();
}

static LogicalResult importNegativeLogLikelihoodLoss(Node &n) {
  if (failed(checkLoss(n)))
    return failure();
  return setLoss(n, n.input(0));
}

static LogicalResult importSoftmaxCrossEntropyLoss(Node &n) {
  if (failed(checkLoss(n)))
    return failure();
  Type f32 = n.g.b.getF32Type();
  FailureOr<Tensor> logs =
      buildLogSoftmax(n.g, n.g.cast(n.input(0), f32), 1, f32);
  if (failed(logs) || failed(setLoss(n, *logs)))
    return failure();
  return n.setOutput(1, n.g.cast(*logs, n.input(0).element));
}

OperatorGroup weft::onnx::getLossOperators() {
  static const Operator operators[] = {
      {"NegativeLogLikelihoodLoss", 2, 3, 12, importNegativeLogLikelihoodLoss},
      {"SoftmaxCrossEntropyLoss", 2, 3, 12, importSoftmaxCrossEntropyLoss},
  };
  return operators;
}
