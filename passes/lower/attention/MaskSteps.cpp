//===- MaskSteps.cpp - Masks that allow at a stride -----------------------===//

#include "passes/lower/attention/MaskSteps.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace weft;

/// The c of `-(d mod c)`, which is negative unless c divides d; 1 of another
/// expression.
static int64_t getStep(AffineExpr expr) {
  MLIRContext *context = expr.getContext();
  AffineExpr distance = getAffineDimExpr(2, context);
  auto product = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!product || product.getKind() != AffineExprKind::Mul ||
      product.getRHS() != getAffineConstantExpr(-1, context))
    return 1;
  auto rest = dyn_cast<AffineBinaryOpExpr>(product.getLHS());
  if (!rest || rest.getKind() != AffineExprKind::Mod ||
      rest.getLHS() != distance)
    return 1;
  return cast<AffineConstantExpr>(rest.getRHS()).getValue();
}

int64_t weft::getMaskStep(MaskAttrInterface mask) {
  if (!mask)
    return 1;
  return TypeSwitch<Attribute, int64_t>(mask)
      .Case([](EveryAttr every) { return every.getStride(); })
      .Case([](AndAttr both) {
        int64_t step = 1;
        for (MaskAttrInterface part : both.getMasks())
          step = std::lcm(step, getMaskStep(part));
        return step;
      })
      .Case([](OrAttr either) {
        int64_t step = 0;
        for (MaskAttrInterface part : either.getMasks())
          step = std::gcd(step, getMaskStep(part));
        return std::max<int64_t>(step, 1);
      })
      .Case([](WhereAttr where) {
        int64_t step = 1;
        for (AffineExpr expr : where.getMap().getValue().getResults())
          step = std::lcm(step, getStep(expr));
        return step;
      })
      .Default([](Attribute) { return 1; });
}

namespace {

/// Builds masks of what others do not allow.
class Complement {
public:
  explicit Complement(MLIRContext *context)
      : context(context), i(getAffineDimExpr(0, context)),
        j(getAffineDimExpr(1, context)), d(getAffineDimExpr(2, context)) {}

  /// Null where no mask says so.
  MaskAttrInterface build(MaskAttrInterface mask) {
    return TypeSwitch<Attribute, MaskAttrInterface>(mask)
        .Case([&](CausalAttr) { return where(-d - 1); })
        .Case([&](WindowAttr window) { return where(d - window.getSize()); })
        .Case([&](SinksAttr sinks) { return where(j - sinks.getCount()); })
        .Case([&](EveryAttr every) { return where(d % every.getStride() - 1); })
        .Case([&](ChunkAttr chunk) {
          AffineExpr blocks =
              (i + chunk.getOffset()).floorDiv(chunk.getSize()) -
              (j + chunk.getOffset()).floorDiv(chunk.getSize());
          return any({where(blocks - 1), where(-blocks - 1)});
        })
        .Case([&](WhereAttr attr) {
          SmallVector<MaskAttrInterface> parts;
          for (AffineExpr expr : attr.getMap().getValue().getResults())
            parts.push_back(where(-expr - 1));
          return any(parts);
        })
        .Case([&](AndAttr both) { return any(buildAll(both.getMasks())); })
        .Case([&](OrAttr either) { return all(buildAll(either.getMasks())); })
        .Default([](Attribute) { return MaskAttrInterface(); });
  }

  MaskAttrInterface all(ArrayRef<MaskAttrInterface> masks) {
    if (llvm::is_contained(masks, nullptr))
      return nullptr;
    return masks.size() == 1 ? masks.front()
                             : MaskAttrInterface(AndAttr::get(context, masks));
  }
  MaskAttrInterface any(ArrayRef<MaskAttrInterface> masks) {
    if (llvm::is_contained(masks, nullptr))
      return nullptr;
    return masks.size() == 1 ? masks.front()
                             : MaskAttrInterface(OrAttr::get(context, masks));
  }

private:
  MaskAttrInterface where(AffineExpr expr) {
    AffineMap map = AffineMap::get(3, 0, expr);
    return WhereAttr::get(context, AffineMapAttr::get(map));
  }
  SmallVector<MaskAttrInterface> buildAll(ArrayRef<MaskAttrInterface> masks) {
    SmallVector<MaskAttrInterface> built;
    for (MaskAttrInterface mask : masks)
      built.push_back(build(mask));
    return built;
  }

  MLIRContext *context;
  AffineExpr i, j, d;
};

} // namespace

std::optional<std::pair<MaskAttrInterface, MaskAttrInterface>>
weft::splitByStep(MaskAttrInterface mask) {
  if (!mask)
    return std::nullopt;
  Complement complement(mask.getContext());
  SmallVector<MaskAttrInterface> rest;
  OrAttr either;
  if (auto both = dyn_cast<AndAttr>(mask)) {
    for (MaskAttrInterface part : both.getMasks()) {
      auto found = dyn_cast<OrAttr>(part);
      if (found && !either)
        either = found;
      else
        rest.push_back(part);
    }
  } else {
    either = dyn_cast<OrAttr>(mask);
  }
  if (!either)
    return std::nullopt;
  SmallVector<MaskAttrInterface> near, far;
  for (MaskAttrInterface part : either.getMasks())
    (getMaskStep(part) == 1 ? near : far).push_back(part);
  if (near.empty() || far.empty() || getMaskStep(complement.any(far)) == 1)
    return std::nullopt;
  MaskAttrInterface notNear = complement.build(complement.any(near));
  if (!notNear)
    return std::nullopt;
  auto join = [&](ArrayRef<MaskAttrInterface> parts) {
    SmallVector<MaskAttrInterface> all(rest);
    llvm::append_range(all, parts);
    return complement.all(all);
  };
  return std::make_pair(join({complement.any(near)}),
                        join({complement.any(far), notNear}));
}
