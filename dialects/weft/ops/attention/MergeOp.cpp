//===- MergeOp.cpp - weft.merge -------------------------------------------===//

#include "dialects/weft/ops/Common.h"
#include "dialects/weft/ops/Structured.h"
#include "dialects/weft/ops/WeftOps.h"

using namespace mlir;
using namespace weft;

LogicalResult MergeOp::verify() {
  if (getParts().empty())
    return emitOpError("expected at least one part");
  if (getParts().size() != getLses().size())
    return emitOpError() << "expected an lse for each of the "
                         << getParts().size() << " parts but got "
                         << getLses().size();
  const char *axes[] = {"batches", "tokens", "heads", "channels"};
  for (auto [part, lse] : llvm::zip_equal(getParts(), getLses())) {
    for (auto [axis, name] : llvm::enumerate(axes))
      if (failed(verifySameDim(*this, name, "out", getOut(), axis, "part", part,
                               axis)))
        return failure();
    if (failed(verifySameDim(*this, "batches", "out", getOut(), 0, "lse", lse,
                             0)) ||
        failed(
            verifySameDim(*this, "heads", "out", getOut(), 2, "lse", lse, 1)) ||
        failed(
            verifySameDim(*this, "tokens", "out", getOut(), 1, "lse", lse, 2)))
      return failure();
  }
  return success();
}

LogicalResult MergeOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  shapes.push_back(getSizes(b, getParts().front()));
  shapes.push_back(getSizes(b, getLses().front()));
  return success();
}

/// Builds e^(lse - max), or zero where no part has keys.
static Value buildShare(ImplicitLocOpBuilder &b, Value lse, Value max) {
  Value lowest =
      buildFloat(b, lse.getType(), -std::numeric_limits<double>::infinity());
  Value empty =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, max, lowest);
  Value share = math::ExpOp::create(b, arith::SubFOp::create(b, lse, max));
  return arith::SelectOp::create(b, empty, buildFloat(b, lse.getType(), 0.0),
                                 share);
}

static Value buildMax(ImplicitLocOpBuilder &b, ValueRange lses) {
  Value max = lses.front();
  for (Value lse : lses.drop_front())
    max = arith::MaximumFOp::create(b, max, lse);
  return max;
}

FailureOr<SmallVector<Value>> MergeOp::decomposeOperation(OpBuilder &builder) {
  ImplicitLocOpBuilder b(getLoc(), builder);
  size_t count = getParts().size();
  AffineMap outMap = getDimMap(b, 4, {0, 1, 2, 3});
  AffineMap lseMap = getDimMap(b, 4, {0, 2, 1});
  SmallVector<Value> inputs(getParts());
  llvm::append_range(inputs, getLses());
  SmallVector<AffineMap> maps(count, outMap);
  maps.append(count, lseMap);
  maps.push_back(outMap);
  Value out =
      buildGeneric(b, inputs, buildEmpty(b, getSizes(b, getParts().front())),
                   maps, {}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
                     ValueRange parts = args.take_front(count);
                     ValueRange lses = args.slice(count, count);
                     Value max = buildMax(b, lses), acc, sum;
                     for (auto [part, lse] : llvm::zip_equal(parts, lses)) {
                       Value share = buildShare(b, lse, max);
                       Value term = arith::MulFOp::create(b, part, share);
                       acc = acc ? arith::AddFOp::create(b, acc, term) : term;
                       sum = sum ? arith::AddFOp::create(b, sum, share) : share;
                     }
                     return SmallVector<Value>{buildDivOrZero(b, acc, sum)};
                   })[0];

  SmallVector<AffineMap> lseMaps(count + 1, getDimMap(b, 3, {0, 1, 2}));
  Value lse =
      buildGeneric(b, getLses(), buildEmpty(b, getSizes(b, getLses().front())),
                   lseMaps, {}, [&](ImplicitLocOpBuilder &b, ValueRange args) {
                     ValueRange lses = args.take_front(count);
                     Value max = buildMax(b, lses), sum;
                     for (Value lse : lses) {
                       Value share = buildShare(b, lse, max);
                       sum = sum ? arith::AddFOp::create(b, sum, share) : share;
                     }
                     return SmallVector<Value>{arith::AddFOp::create(
                         b, max, math::LogOp::create(b, sum))};
                   })[0];
  return SmallVector<Value>{out, lse};
}

FailureOr<SmallVector<int64_t>>
MergeOp::inferSequenceAxes(ArrayRef<int64_t> operandAxes) {
  size_t count = getParts().size();
  for (auto [i, axis] : llvm::enumerate(operandAxes))
    if (failed(verifySequenceAxis(*this, i < count ? "part" : "lse", axis,
                                  i < count ? 1 : 2)))
      return failure();
  return SmallVector<int64_t>{1, 2};
}
