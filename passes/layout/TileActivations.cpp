//===- TileActivations.cpp - Rows handed on as tiles ----------------------===//
//
// With precision bf16 a linear launch rounds its rows and brings them into
// tiles, M K numbers read and written again in each of its readers and threads,
// beside 2 M K N operations. Where whoever makes the rows can write tiles, none
// of that is left: the write-back stores half the bytes, a line of a tile where
// it stored two of a row. With precision int8 it finds each row's largest
// number first, and a reader reads the row twice. A norm has the whole row and
// hands codes on, which are those that its readers would have found. What other
// tasks make pieces of is handed on as bf16, of which readers find the codes.
// What must hold:
//
//   the producer  norm, linear or attention whose result is a buffer of its own
//   the readers   linear launches, of bf16 or of int8 with weights in tiles of
//                 codes, of more than one row, that take all of it as their
//                 input; beside a norm, which then writes both, any others
//
// The cost model is that a number in tiles costs the producer 2 bytes written
// and a reader 2 bytes read, a number of f32 4 bytes written, then 4 bytes
// read, 2 written and 2 read for each reader and thread: tiles are never more,
// and are taken wherever they can be. A level without a matrix unit widens a
// block of rows once a call.
//
//===----------------------------------------------------------------------===//

#include "dialects/program/layouts/ByteTiles.h"
#include "dialects/program/layouts/RowTiles.h"
#include "dialects/program/layouts/Tiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dominance.h"
#include "passes/Passes.h"
#include "passes/fuse/FusedLaunch.h"
#include "passes/memory/IndexPolynomial.h"

namespace weft {
#define GEN_PASS_DEF_TILEACTIVATIONSPASS
#include "passes/Passes.h.inc"
} // namespace weft

using namespace mlir;
using namespace weft;
using program::ByteTiles;
using program::KernelOp;
using program::LaunchOp;
using program::RowTiles;

namespace {

/// What a reader multiplies.
enum class Factors { Numbers, Codes };

/// A buffer of rows, who makes them and who reads them as tiles could be.
struct Rows {
  program::AllocOp alloc;
  int64_t columns = 0;
  Value count; ///< Of rows.
  LaunchOp producer;
  SmallVector<LaunchOp> readers; ///< As their operand 0.
  Factors factors;               ///< Of all of them.
  bool hasOthers = false;        ///< Readers of f32.
};

class TileActivations {
public:
  explicit TileActivations(ModuleOp module) : table(module) {}

  /// Whether the rows of `alloc` can be tiles, and what takes part.
  std::optional<Rows> analyse(program::AllocOp alloc);
  void tile(const Rows &rows);
  KernelTable table;

private:
  bool addUser(Rows &rows, LaunchOp launch, unsigned buffer);
  std::optional<Factors> getFactors(LaunchOp launch, unsigned buffer);
  bool canProduce(const Rows &rows, int64_t result);
  bool isWhole(const Rows &rows, Value view);
  void setBuffer(LaunchOp launch, unsigned buffer, Value value);
  void addResult(LaunchOp launch, Value value);
  KernelOp cloneKernel(LaunchOp launch, ArrayRef<Attribute> types);

  IndexPolynomials polynomials;
};

} // namespace

static int64_t getInt(DictionaryAttr config, StringRef name) {
  auto number = config.getAs<IntegerAttr>(name);
  return number ? number.getInt() : 0;
}

//===----------------------------------------------------------------------===//
// Who takes part
//===----------------------------------------------------------------------===//

/// Of a launch that can read tiles as its operand `buffer`.
std::optional<Factors> TileActivations::getFactors(LaunchOp launch,
                                                   unsigned buffer) {
  KernelOp kernel = table.lookup(launch);
  if (buffer != 0 || kernel.getFamily() != "linear")
    return std::nullopt;
  auto precision = kernel.getConfig().getAs<StringAttr>("precision");
  auto type = cast<MemRefType>(launch.getBuffers()[0].getType());
  if (!precision || type.getDimSize(0) == 1 ||
      getInt(kernel.getConfig(), "rows_per_task") % RowTiles::kRows)
    return std::nullopt;
  if (precision.getValue() == "bf16")
    return Factors::Numbers;
  auto layouts = kernel.getConfig().getAs<ArrayAttr>("layouts");
  bool hasCodes =
      layouts && llvm::all_of(layouts, [](Attribute layout) {
        return program::hasScaledTiles(cast<program::PanelsAttr>(layout));
      });
  return hasCodes ? std::optional(Factors::Codes) : std::nullopt;
}

/// The number of elements of a buffer.
static Polynomial getSize(IndexPolynomials &polynomials, MemRefType type,
                          ValueRange sizes) {
  Polynomial size(1);
  size_t next = 0;
  for (int64_t axis : type.getShape())
    size = size * (ShapedType::isDynamic(axis) ? polynomials.get(sizes[next++])
                                               : Polynomial(axis));
  return size;
}

/// Whether `view` shows all rows, contiguous, as what is read or written of
/// them.
bool TileActivations::isWhole(const Rows &rows, Value view) {
  program::AllocOp alloc = rows.alloc;
  if (view == alloc.getBuffer())
    return true;
  auto op = view.getDefiningOp<program::ViewOp>();
  auto type = cast<MemRefType>(view.getType());
  auto root = cast<MemRefType>(alloc.getBuffer().getType());
  if (op.getBase() != alloc.getBuffer() || !type.getLayout().isIdentity() ||
      getConstantIntValue(op.getOffset()) != 0)
    return false;
  return getSize(polynomials, type, op.getSizes()) ==
         getSize(polynomials, root, alloc.getSizes());
}

/// Whether the producer, whose result is its operand `result`, makes rows of
/// these columns and can write tiles of them.
bool TileActivations::canProduce(const Rows &rows, int64_t result) {
  LaunchOp producer = rows.producer;
  KernelOp kernel = table.lookup(producer);
  Value out = producer.getBuffers()[result];
  auto type = cast<MemRefType>(out.getType());
  DictionaryAttr config = kernel.getConfig();
  if (!isWhole(rows, out))
    return false;
  if (kernel.getFamily() == "norm")
    return type.getRank() == 2 && type.getDimSize(1) == rows.columns;
  if (rows.hasOthers)
    return false;
  if (kernel.getFamily() == "linear")
    return type.getRank() == 2 && type.getDimSize(1) == rows.columns;
  int64_t channels = getInt(config, "e");
  return kernel.getFamily() == "attention" && !config.contains("lse") &&
         !config.contains("mass") && type.getLayout().isIdentity() &&
         channels % 16 == 0 && rows.columns % RowTiles::kColumns == 0 &&
         getInt(config, "h") * channels == rows.columns;
}

bool TileActivations::addUser(Rows &rows, LaunchOp launch, unsigned buffer) {
  if (llvm::is_contained(launch.getWrites(), int64_t(buffer))) {
    // Written once, by what reads nothing of it.
    bool isFirst = !rows.producer;
    rows.producer = launch;
    return isFirst && launch.getWrites().size() == 1;
  }
  Value view = launch.getBuffers()[buffer];
  auto type = cast<MemRefType>(view.getType());
  bool isUsedOnce = llvm::count_if(launch.getBuffers(), [&](Value other) {
                      return getRootBuffer(other) == rows.alloc.getBuffer();
                    }) == 1;
  std::optional<Factors> factors = getFactors(launch, buffer);
  if (!factors || !isWhole(rows, view) || !isUsedOnce ||
      (rows.columns &&
       (rows.columns != type.getDimSize(1) || rows.factors != *factors))) {
    rows.hasOthers = true;
    return true;
  }
  rows.columns = type.getDimSize(1);
  rows.factors = *factors;
  rows.count = launch.getScalars()[0];
  rows.readers.push_back(launch);
  return true;
}

std::optional<Rows> TileActivations::analyse(program::AllocOp alloc) {
  Rows rows;
  rows.alloc = alloc;
  if (!cast<MemRefType>(alloc.getBuffer().getType()).getElementType().isF32())
    return std::nullopt;
  int64_t result = -1;
  SmallVector<Value> views{alloc.getBuffer()};
  while (!views.empty())
    for (OpOperand &use : views.pop_back_val().getUses()) {
      if (isa<program::ViewOp>(use.getOwner())) {
        views.push_back(use.getOwner()->getResult(0));
        continue;
      }
      auto launch = dyn_cast<LaunchOp>(use.getOwner());
      if (!launch) {
        rows.hasOthers = true;
        if (!isa<program::CopyOp>(use.getOwner()) ||
            use.getOperandNumber() != 0)
          return std::nullopt;
        continue;
      }
      unsigned buffer =
          use.getOperandNumber() - launch.getBuffers().getBeginOperandIndex();
      if (!addUser(rows, launch, buffer))
        return std::nullopt;
      if (launch == rows.producer)
        result = buffer;
    }
  if (rows.readers.empty() || !rows.producer || !canProduce(rows, result))
    return std::nullopt;
  auto isBehind = [&](LaunchOp reader) {
    return reader->getBlock() == rows.producer->getBlock() &&
           rows.producer->isBeforeInBlock(reader);
  };
  if (!llvm::all_of(rows.readers, isBehind) ||
      !DominanceInfo().properlyDominates(rows.count, rows.producer))
    return std::nullopt;
  return rows;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

KernelOp TileActivations::cloneKernel(LaunchOp launch,
                                      ArrayRef<Attribute> types) {
  auto kernel = cast<KernelOp>(table.lookup(launch)->clone());
  kernel.setOperandTypesAttr(ArrayAttr::get(launch.getContext(), types));
  return table.add(kernel);
}

/// Gives the launch `value` as a buffer, and a kernel that takes it.
void TileActivations::setBuffer(LaunchOp launch, unsigned buffer, Value value) {
  SmallVector<Attribute> types(
      table.lookup(launch).getOperandTypes().getValue());
  types[buffer] = TypeAttr::get(value.getType());
  launch->setOperand(launch.getBuffers().getBeginOperandIndex() + buffer,
                     value);
  launch.setKernelAttr(
      FlatSymbolRefAttr::get(cloneKernel(launch, types).getSymNameAttr()));
}

/// Lets the launch write `value` too, as its last buffer.
void TileActivations::addResult(LaunchOp launch, Value value) {
  SmallVector<Attribute> types(
      table.lookup(launch).getOperandTypes().getValue());
  SmallVector<int64_t> writes(launch.getWrites());
  writes.push_back(types.size());
  types.push_back(TypeAttr::get(value.getType()));
  launch.getBuffersMutable().append(value);
  launch.setWrites(writes);
  launch.setKernelAttr(
      FlatSymbolRefAttr::get(cloneKernel(launch, types).getSymNameAttr()));
}

void TileActivations::tile(const Rows &rows) {
  LaunchOp producer = rows.producer;
  OpBuilder b(producer);
  Location loc = producer.getLoc();
  SmallVector<Value> sizes;
  int64_t blocks = ShapedType::kDynamic;
  if (auto count = getConstantIntValue(rows.count))
    blocks = llvm::divideCeil(*count, RowTiles::kRows);
  else
    sizes.push_back(arith::CeilDivSIOp::create(
        b, loc, rows.count,
        arith::ConstantIndexOp::create(b, loc, RowTiles::kRows)));
  bool hasWholeRows = table.lookup(producer).getFamily() == "norm";
  MemRefType type =
      hasWholeRows && rows.factors == Factors::Codes
          ? ByteTiles::getType(b.getContext(), blocks, rows.columns)
          : RowTiles::getType(b.getContext(), blocks, rows.columns);
  Value tiles = program::AllocOp::create(b, loc, type, sizes);
  if (rows.hasOthers)
    addResult(producer, tiles);
  else
    setBuffer(producer, producer.getWrites()[0], tiles);
  for (LaunchOp reader : rows.readers)
    setBuffer(reader, 0, tiles);
}

namespace {

struct TileActivationsPass
    : public weft::impl::TileActivationsPassBase<TileActivationsPass> {
  void runOnOperation() override {
    TileActivations pass(getOperation());
    SmallVector<program::AllocOp> allocs;
    getOperation().walk(
        [&](program::AllocOp alloc) { allocs.push_back(alloc); });
    for (program::AllocOp alloc : allocs)
      if (std::optional<Rows> rows = pass.analyse(alloc)) {
        pass.tile(*rows);
        ++tiled;
      }
    for (program::AllocOp alloc : allocs)
      eraseUnused(alloc);
    pass.table.eraseUnused();
  }

  /// Erases the buffer and its views, if nothing reads or writes them.
  static void eraseUnused(program::AllocOp alloc) {
    for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
      if (isa<program::ViewOp>(user) && user->use_empty())
        user->erase();
    if (alloc->use_empty())
      alloc.erase();
  }
};

} // namespace
