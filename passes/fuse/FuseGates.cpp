//===- FuseGates.cpp - What a scan gives, changed where it is made --------===//
//
// Of a scan over one head, element-wise work on its result (a gate, a skip)
// goes into its element region: the result is not written and read once more.
//
//===----------------------------------------------------------------------===//

#include "dialects/weft/kinds/Kinds.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "passes/Passes.h"
#include "passes/fuse/FusedLaunch.h"

namespace weft {
#define GEN_PASS_DEF_FUSEGATESPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;
using program::KernelOp;
using program::LaunchOp;

namespace {

class FuseGates {
public:
  explicit FuseGates(ModuleOp module) : table(module) {}

  bool fuse(LaunchOp scan);
  KernelTable table;

private:
  /// The launch that alone reads what the scan gives, element by element, into
  /// an output of its own; null if there is none such.
  LaunchOp findGate(LaunchOp scan, Value out);
  bool isGate(KernelOp kernel, int64_t channels);
};

} // namespace

static int64_t getInt(DictionaryAttr config, StringRef name) {
  return config.getAs<IntegerAttr>(name).getInt();
}

/// Whether the kernel makes of each row of `channels` numbers one: operands are
/// rows or one row for all.
bool FuseGates::isGate(KernelOp kernel, int64_t channels) {
  DictionaryAttr config = kernel.getConfig();
  if (kernel.getFamily() != "generic" || getInt(config, "outputs") != 1 ||
      config.contains("init") || kernel.getScalars() != 1 ||
      getInt(config, "inputs") + 1 != int64_t(kernel.getOperandTypes().size()))
    return false;
  auto maps = config.getAs<ArrayAttr>("indexing_maps");
  auto identity = AffineMap::getMultiDimIdentityMap(2, kernel.getContext());
  AffineMap columns = identity.getSubMap({1});
  if (cast<AffineMapAttr>(maps.getValue().back()).getValue() != identity)
    return false;
  for (auto [map, type] :
       llvm::zip_equal(maps.getAsValueRange<AffineMapAttr>(),
                       kernel.getOperandTypes().getAsValueRange<TypeAttr>())) {
    auto buffer = cast<MemRefType>(type);
    auto [strides, offset] = buffer.getStridesAndOffset();
    if ((map != identity && map != columns) ||
        buffer.getShape().back() != channels || strides.back() != 1 ||
        !buffer.getElementType().isF32())
      return false;
  }
  bool hasIndex = false;
  kernel.getElement().walk([&](program::IndexOp) { hasIndex = true; });
  return !hasIndex;
}

LaunchOp FuseGates::findGate(LaunchOp scan, Value out) {
  Value root = getRootBuffer(out);
  if (!root.getDefiningOp<program::AllocOp>())
    return nullptr;
  LaunchOp gate;
  SmallVector<Value> views{root};
  while (!views.empty())
    for (Operation *user : views.pop_back_val().getUsers()) {
      if (isa<program::ViewOp>(user)) {
        views.push_back(user->getResult(0));
        continue;
      }
      auto launch = dyn_cast<LaunchOp>(user);
      if (launch == scan)
        continue;
      if (!launch || gate)
        return nullptr;
      gate = launch;
    }
  return gate;
}

/// The number of the operand of the gate that is `root`; -1 if there is not
/// one alone, or not from its first element on.
static int64_t findOperand(LaunchOp gate, Value root) {
  int64_t found = -1;
  for (auto [i, buffer] : llvm::enumerate(gate.getBuffers())) {
    if (getRootBuffer(buffer) != root)
      continue;
    bool isFromFirst = true;
    for (Value at = buffer; auto view = at.getDefiningOp<program::ViewOp>();
         at = view.getBase())
      isFromFirst &= matchPattern(view.getOffset(), m_Zero());
    if (found >= 0 || !isFromFirst)
      return -1;
    found = i;
  }
  return found;
}

bool FuseGates::fuse(LaunchOp scan) {
  KernelOp kernel = table.lookup(scan);
  DictionaryAttr config = kernel.getConfig();
  // Scans whose gates have columns go from token to token.
  auto transition = config.getAs<TransitionAttrInterface>("transition");
  if (getInt(config, "h") != 1 || config.contains("sum") ||
      config.contains("features") || config.contains("bidirectional") ||
      !kernel.getElement().empty() ||
      llvm::none_of(transition.getGates(),
                    [](GateAxes gate) { return gate.column; }))
    return false;
  int64_t channels = getInt(config, "c");
  int64_t outNumber = scan.getWrites()[0];
  Value out = scan.getBuffers()[outNumber];
  LaunchOp gate = findGate(scan, out);
  if (!gate || !isGate(table.lookup(gate), channels) ||
      !cast<MemRefType>(out.getType()).getLayout().isIdentity())
    return false;
  int64_t own = findOperand(gate, getRootBuffer(out));
  int64_t last = gate.getBuffers().size() - 1;
  Value result = gate.getBuffers()[last];
  if (own < 0 || own == last || mayOverlap(result, out) ||
      !cast<MemRefType>(result.getType()).getLayout().isIdentity() ||
      !canMoveTo(scan, gate))
    return false;

  // The scan's operands with the gate's result for its own, then what the gate
  // reads beside it.
  OpBuilder b(gate);
  auto type = cast<MemRefType>(out.getType());
  SmallVector<Value> sizes;
  if (auto view = out.getDefiningOp<program::ViewOp>())
    llvm::append_range(sizes, view.getSizes());
  else
    llvm::append_range(sizes, out.getDefiningOp<program::AllocOp>().getSizes());
  Value zero = arith::ConstantIndexOp::create(b, gate.getLoc(), 0);
  SmallVector<Value> buffers(scan.getBuffers());
  buffers[outNumber] = program::ViewOp::create(b, gate.getLoc(), type, result,
                                               zero, sizes, ValueRange());
  for (auto [i, buffer] : llvm::enumerate(gate.getBuffers().drop_back()))
    if (int64_t(i) != own)
      buffers.push_back(buffer);
  // A stage must not write what it reads elsewhere.
  for (size_t i = scan.getBuffers().size(); i < buffers.size(); ++i)
    for (int64_t written : scan.getWrites())
      if (mayOverlap(buffers[i], buffers[written]))
        return false;

  OpBuilder nowhere(b.getContext());
  auto fused = KernelOp::create(
      nowhere, kernel.getLoc(), "", "scan", config, kernel.getTasks(),
      b.getTypeArrayAttr(llvm::to_vector(ValueRange(buffers).getTypes())),
      kernel.getScalars());
  Region &body = table.lookup(gate).getElement();
  IRMapping mapping;
  body.cloneInto(&fused.getElement(), mapping);
  // The result of the scan is the first argument; nobody reads the old output.
  Block &block = fused.getElement().front();
  Value first = block.insertArgument(0u, nowhere.getF32Type(), kernel.getLoc());
  block.getArgument(own + 1).replaceAllUsesWith(first);
  block.eraseArgument(own + 1);
  block.eraseArgument(block.getNumArguments() - 1);
  auto name = FlatSymbolRefAttr::get(table.add(fused).getSymNameAttr());
  LaunchOp::create(b, scan.getLoc(), name, scan.getTasks(), buffers,
                   scan.getScalars(), scan.getWork(), scan.getWritesAttr(),
                   scan.getLabelAttr());
  gate.erase();
  scan.erase();
  return true;
}

namespace {

struct FuseGatesPass : public weft::impl::FuseGatesPassBase<FuseGatesPass> {
  void runOnOperation() override {
    FuseGates fusion(getOperation());
    SmallVector<LaunchOp> scans;
    getOperation().walk([&](LaunchOp launch) {
      if (fusion.table.lookup(launch).getFamily() == "scan")
        scans.push_back(launch);
    });
    for (LaunchOp scan : scans)
      if (fusion.fuse(scan))
        ++fused;
    fusion.table.eraseUnused();
  }
};

} // namespace
