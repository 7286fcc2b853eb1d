//===- NarrowCaches.cpp - Keys and values stored in fewer bits ------------===//
//
// A state of rows that attention alone reads, as its keys or values, may hold
// other numbers than f32: kernels convert what they write to it and read of it
// (docs/program-level.md, "Caches"). The state, its views and the operands of
// those kernels change their type. A rotation writes the new rows itself; what
// was copied or written by another kernel goes through `store_rows`.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/Passes.h"
#include "passes/cache/CacheStorage.h"
#include "passes/fuse/FusedLaunch.h"

namespace weft {
#define GEN_PASS_DEF_NARROWCACHESPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;
using program::CopyOp;
using program::KernelOp;
using program::LaunchOp;
using program::StateOp;
using program::ViewOp;

namespace {

/// Why something cannot be; none: it can.
using Reason = std::optional<std::string>;

/// Where the rows of a state lie in a buffer: along `axis`, or it is one row
/// (-1), `stride` elements apart.
struct RowAxis {
  int64_t axis, stride;
};

/// A state, and what is done with it.
class Cache {
public:
  Cache(KernelTable &table, StateOp state, CacheStorage storage)
      : table(table), state(state), storage(storage) {}

  /// Finds all uses; tells why the state must stay as it is.
  Reason analyse(ArrayRef<program::UseStateOp> uses);
  void narrow();

private:
  Reason addUser(OpOperand &use);
  std::optional<RowAxis> getRowAxis(MemRefType type) const;
  /// The number of rows of `view`.
  Value getRowCount(OpBuilder &b, ViewOp view) const;
  /// `value` elements of rows of f32, in elements of the new rows.
  Value rescale(OpBuilder &b, Value value) const;
  int64_t rescale(int64_t elements) const {
    return elements / channels * rowSize;
  }
  /// The rows of `view` with their new type, [1, rows, heads, row].
  Value buildView(ViewOp view) const;
  /// The rows of f32 in `buffer` as [1, rows, heads, channels].
  Value buildSource(OpBuilder &b, Value buffer, Value count) const;
  void setBuffer(OpOperand &use, Value narrow);
  void writeThrough(OpOperand &use, ViewOp view, Value narrow);
  void storeRows(OpBuilder &b, Location loc, Value source, Value target,
                 Value count, StringAttr label);

  KernelTable &table;
  StateOp state;
  CacheStorage storage;
  int64_t heads = 0, channels = 0, rowSize = 0;
  MemRefType type; // the new one
  SmallVector<program::UseStateOp> uses;
  SmallVector<ViewOp> views;
};

} // namespace

//===----------------------------------------------------------------------===//
// What is done with a state
//===----------------------------------------------------------------------===//

static std::string describe(Operation *op) {
  return op->getName().getStringRef().str();
}

/// Whether the kernel gives each element of its output that of its input.
static bool isCopy(KernelOp kernel) {
  if (kernel.getFamily() != "generic" || kernel.getOperandTypes().size() != 2 ||
      kernel.getElement().empty())
    return false;
  Block &body = kernel.getElement().front();
  auto maps = kernel.getConfig().getAs<ArrayAttr>("indexing_maps");
  return body.getTerminator()->getNumOperands() == 1 &&
         body.getTerminator()->getOperand(0) == body.getArgument(0) && maps &&
         maps[0] == maps[1];
}

std::optional<RowAxis> Cache::getRowAxis(MemRefType type) const {
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t axis = type.getRank(), elements = 1;
  while (axis > 0 && elements < heads * channels) {
    --axis;
    if (type.isDynamicDim(axis) || strides[axis] != elements)
      return std::nullopt;
    elements *= type.getDimSize(axis);
  }
  if (elements != heads * channels)
    return std::nullopt;
  RowAxis rows{-1, elements};
  while (axis-- > 0) {
    if (type.getDimSize(axis) == 1)
      continue;
    if (rows.axis >= 0 || ShapedType::isDynamic(strides[axis]))
      return std::nullopt;
    rows = {axis, strides[axis]};
  }
  return rows;
}

Reason Cache::addUser(OpOperand &use) {
  Operation *user = use.getOwner();
  int64_t number = use.getOperandNumber();
  if (isa<CopyOp>(user))
    return number == 1 ? std::nullopt
                       : Reason("it is read by " + describe(user));
  auto launch = dyn_cast<LaunchOp>(user);
  if (!launch)
    return "it is used by " + describe(user);
  if (llvm::count(launch.getBuffers(), use.get()) != 1)
    return "a kernel takes it twice";
  StringRef family = table.lookup(launch).getFamily();
  int64_t buffer = number - launch.getBuffers().getBeginOperandIndex();
  bool isWritten = llvm::is_contained(launch.getWrites(), buffer);
  bool isAttention = family == "attention" || family == "attention_decode";
  bool isPack = family == "attention_pack" && buffer < 2;
  if (isWritten || isPack || (isAttention && (buffer == 1 || buffer == 2)))
    return std::nullopt;
  return ("operand " + Twine(buffer) + " of a kernel of family " + family +
          " reads it")
      .str();
}

Reason Cache::analyse(ArrayRef<program::UseStateOp> all) {
  auto old = cast<MemRefType>(state.getType());
  if (state.getGrowth() == Growth::Fixed || old.getRank() != 3 ||
      !old.getElementType().isF32())
    return "it does not hold rows of heads in f32";
  heads = old.getDimSize(1), channels = old.getDimSize(2);
  rowSize = getRowSize(storage, channels);
  type = MemRefType::get({old.getDimSize(0), heads, rowSize},
                         getElementType(storage, state.getContext()));
  for (program::UseStateOp use : all)
    for (OpOperand &operand : use->getUses()) {
      auto view = dyn_cast<ViewOp>(operand.getOwner());
      if (!view)
        return "it is used by " + describe(operand.getOwner());
      std::optional<RowAxis> rows =
          getRowAxis(cast<MemRefType>(view.getType()));
      if (!rows || rows->stride != heads * channels)
        return "a view of it does not hold whole rows";
      for (OpOperand &inner : view->getUses())
        if (Reason why = addUser(inner))
          return why;
      views.push_back(view);
    }
  uses.assign(all.begin(), all.end());
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Its new type
//===----------------------------------------------------------------------===//

Value Cache::getRowCount(OpBuilder &b, ViewOp view) const {
  auto old = cast<MemRefType>(view.getType());
  int64_t axis = getRowAxis(old)->axis;
  if (axis >= 0 && old.isDynamicDim(axis))
    return view.getSizes()[old.getDynamicDimIndex(axis)];
  return arith::ConstantIndexOp::create(b, view.getLoc(),
                                        axis < 0 ? 1 : old.getDimSize(axis));
}

Value Cache::rescale(OpBuilder &b, Value value) const {
  if (rowSize == channels)
    return value;
  Location loc = value.getLoc();
  auto number = [&](int64_t n) {
    return arith::ConstantIndexOp::create(b, loc, n);
  };
  Value rows = b.createOrFold<arith::DivUIOp>(loc, value, number(channels));
  return b.createOrFold<arith::MulIOp>(loc, rows, number(rowSize));
}

Value Cache::buildView(ViewOp view) const {
  OpBuilder b(view);
  auto old = cast<MemRefType>(view.getType());
  int64_t axis = getRowAxis(old)->axis;
  int64_t rows = axis < 0 ? 1 : old.getDimSize(axis);
  auto narrow =
      MemRefType::get({1, rows, heads, rowSize}, type.getElementType());
  SmallVector<Value> sizes;
  if (ShapedType::isDynamic(rows))
    sizes.push_back(getRowCount(b, view));
  return ViewOp::create(b, view.getLoc(), narrow, view.getBase(),
                        rescale(b, view.getOffset()), sizes, ValueRange());
}

Value Cache::buildSource(OpBuilder &b, Value buffer, Value count) const {
  auto old = cast<MemRefType>(buffer.getType());
  RowAxis rows = *getRowAxis(old);
  int64_t size = rows.axis < 0 ? 1 : old.getDimSize(rows.axis);
  auto layout = StridedLayoutAttr::get(b.getContext(), 0,
                                       {rows.stride, rows.stride, channels, 1});
  auto shape = MemRefType::get({1, size, heads, channels}, b.getF32Type(),
                               MemRefLayoutAttrInterface(layout));
  if (size == 1 || rows.stride == heads * channels)
    shape = MemRefType::get(shape.getShape(), b.getF32Type());
  if (shape == old)
    return buffer;
  SmallVector<Value> sizes;
  if (ShapedType::isDynamic(size))
    sizes.push_back(count);
  Value zero = arith::ConstantIndexOp::create(b, buffer.getLoc(), 0);
  return ViewOp::create(b, buffer.getLoc(), shape, buffer, zero, sizes,
                        ValueRange());
}

/// Gives the launch `narrow` in the place of `use`, and a kernel that takes it.
void Cache::setBuffer(OpOperand &use, Value narrow) {
  auto launch = cast<LaunchOp>(use.getOwner());
  int64_t buffer =
      use.getOperandNumber() - launch.getBuffers().getBeginOperandIndex();
  use.set(narrow);
  OpBuilder nowhere(launch.getContext());
  auto kernel = cast<KernelOp>(table.lookup(launch)->clone());
  SmallVector<Attribute> types(kernel.getOperandTypes().getValue());
  types[buffer] = TypeAttr::get(narrow.getType());
  kernel.setOperandTypesAttr(nowhere.getArrayAttr(types));
  launch.setKernelAttr(
      FlatSymbolRefAttr::get(table.add(kernel).getSymNameAttr()));
}

void Cache::storeRows(OpBuilder &b, Location loc, Value source, Value target,
                      Value count, StringAttr label) {
  NamedAttrList config;
  config.set("h", b.getI64IntegerAttr(heads));
  config.set("d", b.getI64IntegerAttr(channels));
  AffineMap tasks =
      AffineMap::get(0, 2, b.getAffineSymbolExpr(0) * b.getAffineSymbolExpr(1));
  SmallVector<Value> buffers{source, target};
  OpBuilder nowhere(b.getContext());
  auto kernel = KernelOp::create(
      nowhere, loc, "", "store_rows", config.getDictionary(b.getContext()),
      tasks,
      b.getTypeArrayAttr(llvm::to_vector(ValueRange(buffers).getTypes())),
      /*scalars=*/2);
  auto name = FlatSymbolRefAttr::get(table.add(kernel).getSymNameAttr());
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  LaunchOp::create(b, loc, name, count, buffers, ValueRange{one, count},
                   Value(), b.getDenseI64ArrayAttr({1}), label);
}

/// Lets a writer of f32 write them elsewhere, from where they are stored.
void Cache::writeThrough(OpOperand &use, ViewOp view, Value narrow) {
  Operation *writer = use.getOwner();
  OpBuilder b(writer);
  b.setInsertionPointAfter(writer);
  Location loc = writer->getLoc();
  Value count = getRowCount(b, view);
  auto copy = dyn_cast<CopyOp>(writer);
  auto launch = dyn_cast<LaunchOp>(writer);
  StringAttr label = launch ? launch.getLabelAttr() : StringAttr();
  Value source;
  if (copy)
    source = copy.getSource();
  else if (isCopy(table.lookup(launch)))
    source = launch.getBuffers()[0];
  if (source && getRowAxis(cast<MemRefType>(source.getType()))) {
    storeRows(b, loc, buildSource(b, source, count), narrow, count, label);
    writer->erase();
    return;
  }
  OpBuilder before(writer);
  auto old = cast<MemRefType>(view.getType());
  Value own = program::AllocOp::create(before, loc, old, view.getSizes());
  use.set(own);
  storeRows(b, loc, buildSource(b, own, count), narrow, count, label);
}

void Cache::narrow() {
  state.setType(type);
  for (program::UseStateOp use : uses)
    use.getBuffer().setType(type);
  for (ViewOp view : views) {
    Value narrow = buildView(view);
    for (OpOperand &use : llvm::make_early_inc_range(view->getUses())) {
      auto launch = dyn_cast<LaunchOp>(use.getOwner());
      int64_t buffer = launch ? use.getOperandNumber() -
                                    launch.getBuffers().getBeginOperandIndex()
                              : 0;
      bool isWritten =
          !launch || llvm::is_contained(launch.getWrites(), buffer);
      bool isRope = launch && table.lookup(launch).getFamily() == "rope";
      // A rotation knows heads, if its result is shaped as them.
      if (!isWritten ||
          (isRope && cast<MemRefType>(view.getType()).getRank() == 4))
        setBuffer(use, narrow);
      else
        writeThrough(use, view, narrow);
    }
    view.erase();
  }
}

namespace {

struct NarrowCachesPass
    : public weft::impl::NarrowCachesPassBase<NarrowCachesPass> {
  using NarrowCachesPassBase::NarrowCachesPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    std::optional<CacheStorage> wanted = parseCacheStorage(storage);
    if (!wanted) {
      module.emitError() << "expected caches of f32, f16, bf16 or int8 but got "
                            "'"
                         << storage << "'";
      return signalPassFailure();
    }
    if (*wanted == CacheStorage::F32)
      return;
    llvm::StringMap<SmallVector<program::UseStateOp>> uses;
    module.walk(
        [&](program::UseStateOp use) { uses[use.getSymbol()].push_back(use); });
    KernelTable table(module);
    for (StateOp state : llvm::to_vector(module.getOps<StateOp>())) {
      if (state.getGrowth() == Growth::Fixed)
        continue;
      Cache cache(table, state, *wanted);
      if (Reason why = cache.analyse(uses[state.getSymName()])) {
        state.emitWarning()
            << "state '" << state.getSymName() << "' keeps its type: " << *why;
        continue;
      }
      cache.narrow();
      ++narrowed;
    }
    table.eraseUnused();
  }
};

} // namespace
