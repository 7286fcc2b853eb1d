//===- FuseEpilogues.cpp - Heads finished where they are made -------------===//
//
// A task of a projection makes whole heads of queries, keys and values, if it
// has as many panels as that takes. It rotates them and brings them to their
// place, as in the rows of a cache, while they are in its L1 cache.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "passes/Passes.h"
#include "passes/fuse/FusedLaunch.h"

namespace weft {
#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;
using program::CopyOp;
using program::KernelOp;
using program::LaunchOp;

namespace {

/// Reads some columns of the projection, head by head.
struct Reader {
  Operation *op;
  int64_t column = 0, columns = 0;
  int64_t head = 0; ///< Columns of a head; 0: of any size.
};

class FuseEpilogues {
public:
  explicit FuseEpilogues(ModuleOp module) : table(module) {}

  bool fuse(LaunchOp linear);
  KernelTable table;

private:
  /// What reads `out`, which `linear` writes; false if something does not fit.
  bool findReaders(LaunchOp linear, Value out,
                   SmallVectorImpl<Reader> &readers);
  std::optional<Reader> getReader(Operation *user, Value view);
  /// Lets each task of the main stage make whole heads; the number of tasks.
  int64_t alignTasks(Stage &main, int64_t head);
  void addHeads(FusedLaunch &fused, Value out, const Reader &reader,
                int64_t perTask);
  void addCopy(FusedLaunch &fused, Value out, const Reader &reader,
               int64_t head, int64_t perTask);
};

} // namespace

static int64_t getInt(DictionaryAttr config, StringRef name) {
  return config.getAs<IntegerAttr>(name).getInt();
}

/// Whether all elements of `value`, a buffer of one token, lie side by side.
static bool isDense(Value value) {
  auto type = cast<MemRefType>(value.getType());
  return type.hasStaticShape() && type.getLayout().isIdentity();
}

/// The place of the first element of `view` in its root.
static std::optional<int64_t> getOffset(Value view) {
  int64_t offset = 0;
  for (; auto op = view.getDefiningOp<program::ViewOp>(); view = op.getBase()) {
    auto number = getConstantIntValue(op.getOffset());
    if (!number)
      return std::nullopt;
    offset += *number;
  }
  return offset;
}

std::optional<Reader> FuseEpilogues::getReader(Operation *user, Value view) {
  std::optional<int64_t> offset = getOffset(view);
  if (!offset || !isDense(view))
    return std::nullopt;
  Reader reader{user, *offset,
                cast<MemRefType>(view.getType()).getNumElements(), 0};
  if (auto copy = dyn_cast<CopyOp>(user))
    return copy.getSource() == view && isDense(copy.getTarget()) &&
                   !mayOverlap(copy.getTarget(), view)
               ? std::optional(reader)
               : std::nullopt;
  auto rope = dyn_cast<LaunchOp>(user);
  if (rope && table.lookup(rope).getFamily() == "store_rows") {
    if (rope.getBuffers()[0] != view || !isDense(rope.getBuffers()[1]) ||
        mayOverlap(rope.getBuffers()[1], view))
      return std::nullopt;
    reader.head = getInt(table.lookup(rope).getConfig(), "d");
    return reader;
  }
  if (!rope || table.lookup(rope).getFamily() != "rope" ||
      rope.getBuffers()[0] != view || !isDense(rope.getBuffers()[2]) ||
      mayOverlap(rope.getBuffers()[2], view) ||
      !cast<MemRefType>(rope.getBuffers()[1].getType()).hasStaticShape())
    return std::nullopt;
  reader.head = getInt(table.lookup(rope).getConfig(), "d");
  return reader;
}

bool FuseEpilogues::findReaders(LaunchOp linear, Value out,
                                SmallVectorImpl<Reader> &readers) {
  SmallVector<Value> views{getRootBuffer(out)};
  while (!views.empty()) {
    Value view = views.pop_back_val();
    for (Operation *user : view.getUsers()) {
      if (isa<program::ViewOp>(user)) {
        views.push_back(user->getResult(0));
        continue;
      }
      if (user == linear)
        continue;
      std::optional<Reader> reader = getReader(user, view);
      if (!reader)
        return false;
      readers.push_back(*reader);
    }
  }
  return !readers.empty();
}

int64_t FuseEpilogues::alignTasks(Stage &main, int64_t head) {
  auto layouts = main.config.getAs<ArrayAttr>("layouts");
  auto layout = cast<program::PanelsAttr>(layouts[0]);
  int64_t width = layout.getWidth(), panels = layout.getPanelCount();
  int64_t perTask = getInt(main.config, "panels_per_task");
  while (perTask * width % head != 0 && perTask < panels)
    ++perTask;
  Builder b(layout.getContext());
  NamedAttrList config(main.config);
  config.set("panels_per_task", b.getI64IntegerAttr(perTask));
  main.config = config.getDictionary(b.getContext());
  int64_t tasks = llvm::divideCeil(panels, perTask);
  main.tasks = AffineMap::get(
      0, main.tasks.getNumSymbols(),
      b.getAffineSymbolExpr(0).ceilDiv(getInt(main.config, "rows_per_task")) *
          tasks);
  return tasks;
}

/// A kernel that works on heads, one at a time: what it reads of the
/// projection, [a table], what it writes.
void FuseEpilogues::addHeads(FusedLaunch &fused, Value out,
                             const Reader &reader, int64_t perTask) {
  auto launch = cast<LaunchOp>(reader.op);
  KernelOp kernel = table.lookup(launch);
  Builder b(launch.getContext());
  NamedAttrList config(kernel.getConfig());
  config.set("h", b.getI64IntegerAttr(1));
  int64_t first = reader.column / reader.head;
  Stage stage{kernel.getFamily(),
              config.getDictionary(launch.getContext()),
              AffineMap::get(0, 0, b.getAffineConstantExpr(1)),
              {},
              {},
              {fused.addScalar(launch.getScalars()[0]),
               fused.addScalar(launch.getScalars()[1])},
              {first, first + reader.columns / reader.head, perTask},
              {},
              {}};
  SmallVector<Value> buffers(launch.getBuffers());
  int64_t last = buffers.size() - 1;
  buffers[0] = out;
  for (auto [i, buffer] : llvm::enumerate(launch.getBuffers())) {
    auto type = cast<MemRefType>(buffer.getType());
    bool isTable = i != 0 && int64_t(i) != last;
    int64_t row = type.getShape().back();
    stage.types.push_back(
        isTable ? type
                : MemRefType::get({1, 1, 1, row}, type.getElementType()));
    stage.offsets.push_back(i == 0 ? reader.column : 0);
    stage.strides.push_back(isTable ? 0 : row);
  }
  fused.addAfter(stage, buffers, {last});
}

void FuseEpilogues::addCopy(FusedLaunch &fused, Value out, const Reader &reader,
                            int64_t head, int64_t perTask) {
  auto copy = cast<CopyOp>(reader.op);
  Builder b(copy.getContext());
  auto part = MemRefType::get({head}, b.getF32Type());
  int64_t first = reader.column / head;
  Stage stage{"copy",
              b.getDictionaryAttr({}),
              AffineMap::get(0, 0, b.getAffineConstantExpr(1)),
              {part, part},
              {},
              {},
              {first, first + reader.columns / head, perTask},
              {reader.column, 0},
              {head, head}};
  fused.addAfter(stage, {out, copy.getTarget()}, {1});
}

/// Whether each op before the last one of `readers` can wait for that, and the
/// last one itself.
static Operation *findPlace(LaunchOp linear, ArrayRef<Reader> readers) {
  SmallVector<Operation *> ops;
  for (const Reader &reader : readers) {
    if (reader.op->getBlock() != linear->getBlock())
      return nullptr;
    ops.push_back(reader.op);
  }
  Operation *last = ops[0];
  for (Operation *op : ops)
    if (last->isBeforeInBlock(op))
      last = op;
  if (!canMoveTo(linear, last, ops))
    return nullptr;
  for (Operation *op : ops)
    if (op != last && !canMoveTo(op, last, ops))
      return nullptr;
  return last;
}

bool FuseEpilogues::fuse(LaunchOp linear) {
  FusedLaunch fused(table, linear);
  if (fused.getMain().family != "linear")
    return false;
  Value out = fused.getMainBuffer(fused.getMain().buffers.size() - 1);
  auto type = out ? cast<MemRefType>(out.getType()) : MemRefType();
  if (!type || type.getDimSize(0) != 1 || !isWhole(out) ||
      !getRootBuffer(out).getDefiningOp<program::AllocOp>())
    return false;
  SmallVector<Reader> readers;
  if (!findReaders(linear, out, readers))
    return false;
  int64_t head = 0;
  for (const Reader &reader : readers) {
    if (reader.head && head && reader.head != head)
      return false;
    head = reader.head ? reader.head : head;
  }
  if (!head || llvm::any_of(readers, [&](const Reader &reader) {
        return reader.column % head || reader.columns % head;
      }))
    return false;
  Operation *place = findPlace(linear, readers);
  if (!place)
    return false;
  int64_t tasks = alignTasks(fused.getMain(), head);
  auto layout = cast<program::PanelsAttr>(
      fused.getMain().config.getAs<ArrayAttr>("layouts")[0]);
  int64_t perTask = llvm::divideCeil(
      getInt(fused.getMain().config, "panels_per_task") * layout.getWidth(),
      head);
  for (const Reader &reader : readers)
    if (isa<LaunchOp>(reader.op))
      addHeads(fused, out, reader, perTask);
    else
      addCopy(fused, out, reader, head, perTask);
  OpBuilder b(place);
  b.setInsertionPointAfter(place);
  Value count = arith::ConstantIndexOp::create(b, linear.getLoc(), tasks);
  fused.create(b, count);
  for (const Reader &reader : readers)
    reader.op->erase();
  linear.erase();
  return true;
}

namespace {

struct FuseEpiloguesPass
    : public weft::impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  void runOnOperation() override {
    FuseEpilogues fusion(getOperation());
    SmallVector<LaunchOp> linears;
    getOperation().walk([&](LaunchOp launch) {
      StringRef family = fusion.table.lookup(launch).getFamily();
      if (family == "linear" || family == "fused")
        linears.push_back(launch);
    });
    for (LaunchOp linear : linears)
      if (fusion.fuse(linear))
        ++fused;
    fusion.table.eraseUnused();
  }
};

} // namespace
