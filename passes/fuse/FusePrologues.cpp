//===- FusePrologues.cpp - A row made where it is read --------------------===//
//
// With one row, a norm takes less time than handing out its launch. Whoever
// multiplies the row by weights computes it, each call for itself: its cost is
// that of the row, not of the weights.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/fuse/FusedLaunch.h"

namespace weft {
#define GEN_PASS_DEF_FUSEPROLOGUESPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;
using program::LaunchOp;

/// Elements of a row that is worth computing in each call: some 1 KiB to 32 KiB
/// beside the 64 KiB of weights of a task.
static constexpr int64_t kMostElements = 8192;

namespace {

struct FusePrologues {
  explicit FusePrologues(ModuleOp module) : table(module) {}

  bool isRow(LaunchOp producer);
  /// Moves `producer` into all of its readers; false if one of them does not
  /// take it.
  bool fuse(LaunchOp producer);
  KernelTable table;

private:
  /// The launches that read the producer's result; none if one does not fit.
  SmallVector<LaunchOp> findReaders(LaunchOp producer);
  bool fits(LaunchOp producer, LaunchOp reader);
};

} // namespace

/// Whether the launch makes one row out of what stays as it is, in a buffer of
/// its own.
bool FusePrologues::isRow(LaunchOp producer) {
  StringRef family = table.lookup(producer).getFamily();
  if (family != "norm" && family != "attention_merge")
    return false;
  if (producer.getWrites().size() != 1)
    return false;
  Value result = producer.getBuffers()[producer.getWrites()[0]];
  auto type = cast<MemRefType>(result.getType());
  return getRootBuffer(result).getDefiningOp<program::AllocOp>() &&
         type.hasStaticShape() && type.getLayout().isIdentity() &&
         type.getNumElements() <= kMostElements &&
         (family != "norm" || type.getDimSize(0) == 1);
}

bool FusePrologues::fits(LaunchOp producer, LaunchOp reader) {
  FusedLaunch fused(table, reader);
  Value result = producer.getBuffers()[producer.getWrites()[0]];
  Value input = fused.getMainBuffer(0);
  if (fused.getMain().family != "linear" || !input ||
      getRootBuffer(input) != getRootBuffer(result) ||
      cast<MemRefType>(input.getType()).getDimSize(0) != 1)
    return false;
  // It is read as the input, and as nothing else.
  int64_t count = llvm::count_if(reader.getBuffers(), [&](Value buffer) {
    return getRootBuffer(buffer) == getRootBuffer(result);
  });
  return count == 1 && isWhole(input) && isWhole(result) &&
         canRepeatAt(producer, reader);
}

SmallVector<LaunchOp> FusePrologues::findReaders(LaunchOp producer) {
  SmallVector<LaunchOp> readers;
  SmallVector<Value> views{
      getRootBuffer(producer.getBuffers()[producer.getWrites()[0]])};
  while (!views.empty())
    for (Operation *user : views.pop_back_val().getUsers()) {
      if (isa<program::ViewOp>(user)) {
        views.push_back(user->getResult(0));
        continue;
      }
      auto reader = dyn_cast<LaunchOp>(user);
      if (reader == producer || llvm::is_contained(readers, reader))
        continue;
      if (!reader || !fits(producer, reader))
        return {};
      readers.push_back(reader);
    }
  return readers;
}

bool FusePrologues::fuse(LaunchOp producer) {
  SmallVector<LaunchOp> readers = findReaders(producer);
  for (LaunchOp reader : readers) {
    FusedLaunch fused(table, reader);
    fused.addBefore(producer, /*operand=*/0);
    OpBuilder b(reader);
    fused.create(b, reader.getTasks());
    reader.erase();
  }
  if (readers.empty())
    return false;
  producer.erase();
  return true;
}

namespace {

struct FuseProloguesPass
    : public weft::impl::FuseProloguesPassBase<FuseProloguesPass> {
  void runOnOperation() override {
    FusePrologues fusion(getOperation());
    // What makes a row is no reader of one: none of these is replaced.
    SmallVector<LaunchOp> rows;
    getOperation().walk([&](LaunchOp launch) {
      if (fusion.isRow(launch))
        rows.push_back(launch);
    });
    for (LaunchOp row : rows)
      if (fusion.fuse(row))
        ++fused;
    fusion.table.eraseUnused();
  }
};

} // namespace
