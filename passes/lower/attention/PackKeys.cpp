//===- PackKeys.cpp - Keys and values for attention in bf16 ---------------===//
//
// They are rounded and brought into blocks once, for all queries and heads.
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Granularity.h"
#include "passes/lower/attention/Attention.h"
#include "passes/lower/linear/Precision.h"

using namespace mlir;
using namespace weft;

/// Keys of a block, and a multiple of which its rows are.
static constexpr int64_t kBlockKeys = 32, kRowMultiple = 32;

bool weft::packsKeys(AttentionOp op) {
  FailureOr<Precision> precision = getPrecision(op);
  // Where linear rounds rows to bytes, attention rounds to bf16: less. Not with
  // int8-groups, whose results are the same at all levels.
  if (failed(precision) ||
      (*precision != Precision::Bf16 && *precision != Precision::Int8))
    return false;
  return isa<SoftmaxAttr>(op.getNormaliser()) && op.getPost().empty() &&
         !op.getColumnMass();
}

void weft::packKeys(const AttentionOperands &operands, FunctionLowering &f,
                    LaunchSpec &attention) {
  Builder attrs(f.b.getContext());
  IndexExpr blocks =
      f.index.ceilDiv(operands.key.sizes[1], f.index.constant(kBlockKeys));
  auto allocate = [&](const Buffer &rows) {
    int64_t channels = *getConstantIntValue(rows.sizes[3]);
    int64_t packed = llvm::alignTo(channels, kRowMultiple);
    return f.views.materialize(f.allocateTemporary(
        attrs.getBF16Type(),
        {rows.sizes[0], rows.sizes[2], blocks, f.index.constant(kBlockKeys),
         f.index.constant(packed)}));
  };
  auto number = [&](StringRef name, int64_t value) {
    return attrs.getNamedAttr(name, attrs.getI64IntegerAttr(value));
  };
  int64_t heads = *getConstantIntValue(operands.key.sizes[2]);
  LaunchSpec pack;
  pack.family = "attention_pack";
  pack.config = {number("g", heads),
                 number("d", *getConstantIntValue(operands.key.sizes[3])),
                 number("e", *getConstantIntValue(operands.value.sizes[3])),
                 number("blocks_per_task", granularity::kPackedBlocksPerTask)};
  pack.buffers = {attention.buffers[1], attention.buffers[2],
                  allocate(operands.key), allocate(operands.value)};
  pack.writes = {2, 3};
  pack.scalars = {operands.key.sizes[0], operands.key.sizes[1]};
  pack.tasks =
      AffineMap::get(0, 2,
                     attrs.getAffineSymbolExpr(0) * heads *
                         attrs.getAffineSymbolExpr(1).ceilDiv(
                             kBlockKeys * granularity::kPackedBlocksPerTask));
  f.launch(pack);
  attention.buffers[1] = pack.buffers[2];
  attention.buffers[2] = pack.buffers[3];
  attention.config.push_back(attrs.getNamedAttr("packed", attrs.getUnitAttr()));
}
