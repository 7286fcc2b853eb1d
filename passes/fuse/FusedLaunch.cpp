//===- FusedLaunch.cpp - Several launches as one --------------------------===//

#include "passes/fuse/FusedLaunch.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace weft;
using program::KernelOp;
using program::LaunchOp;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

KernelTable::KernelTable(ModuleOp module) : module(module), symbols(module) {}

KernelOp KernelTable::lookup(LaunchOp launch) {
  return symbols.lookup<KernelOp>(launch.getKernel());
}

KernelOp KernelTable::add(KernelOp kernel) {
  kernel.setSymName("");
  std::string text;
  llvm::raw_string_ostream os(text);
  kernel->print(os, OpPrintingFlags().useLocalScope().printGenericOpForm());
  auto [it, isNew] = known.try_emplace(text, kernel);
  if (!isNew) {
    kernel.erase();
    return it->second;
  }
  // And a number, where that is taken.
  kernel.setSymName(kernel.getFamily());
  symbols.insert(kernel, Block::iterator(module.getBody()->end()));
  return kernel;
}

void KernelTable::eraseUnused() {
  llvm::StringSet<> used;
  module.walk([&](LaunchOp launch) { used.insert(launch.getKernel()); });
  for (auto kernel : llvm::make_early_inc_range(module.getOps<KernelOp>()))
    if (!used.contains(kernel.getSymName()))
      symbols.erase(kernel);
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getNumbers(DictionaryAttr dict, StringRef name) {
  auto array = dict.getAs<DenseI64ArrayAttr>(name);
  return array ? SmallVector<int64_t>(array.asArrayRef())
               : SmallVector<int64_t>();
}

static Stage readStage(DictionaryAttr dict) {
  Stage stage;
  stage.family = dict.getAs<StringAttr>("family").getValue();
  stage.config = dict.getAs<DictionaryAttr>("config");
  stage.tasks = dict.getAs<AffineMapAttr>("tasks").getValue();
  for (Type type :
       dict.getAs<ArrayAttr>("operands").getAsValueRange<TypeAttr>())
    stage.types.push_back(type);
  stage.buffers = getNumbers(dict, "buffers");
  stage.scalars = getNumbers(dict, "scalars");
  stage.slots = getNumbers(dict, "slots");
  stage.offsets = getNumbers(dict, "offsets");
  stage.strides = getNumbers(dict, "strides");
  return stage;
}

static DictionaryAttr writeStage(Builder &b, const Stage &stage) {
  NamedAttrList dict;
  dict.set("family", b.getStringAttr(stage.family));
  dict.set("config", stage.config);
  dict.set("tasks", AffineMapAttr::get(stage.tasks));
  dict.set("operands", b.getTypeArrayAttr(stage.types));
  dict.set("buffers", b.getDenseI64ArrayAttr(stage.buffers));
  dict.set("scalars", b.getDenseI64ArrayAttr(stage.scalars));
  if (!stage.slots.empty()) {
    dict.set("slots", b.getDenseI64ArrayAttr(stage.slots));
    dict.set("offsets", b.getDenseI64ArrayAttr(stage.offsets));
    dict.set("strides", b.getDenseI64ArrayAttr(stage.strides));
  }
  return dict.getDictionary(b.getContext());
}

/// The kernel as a stage, its operands numbered as they stand.
static Stage toStage(KernelOp kernel) {
  Stage stage;
  stage.family = kernel.getFamily();
  stage.config = kernel.getConfig();
  stage.tasks = kernel.getTasks();
  for (Type type : kernel.getOperandTypes().getAsValueRange<TypeAttr>())
    stage.types.push_back(type);
  llvm::append_range(stage.buffers, llvm::seq<int64_t>(stage.types.size()));
  llvm::append_range(stage.scalars, llvm::seq<int64_t>(kernel.getScalars()));
  return stage;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

FusedLaunch::FusedLaunch(KernelTable &table, LaunchOp launch)
    : table(table), launch(launch), kernel(table.lookup(launch)),
      buffers(launch.getBuffers()), scalars(launch.getScalars()),
      written(launch.getBuffers().size(), false) {
  for (int64_t number : launch.getWrites())
    written[number] = true;
  if (kernel.getFamily() == "fused")
    readStages(kernel);
  else
    stages.push_back(toStage(kernel));
}

void FusedLaunch::readStages(KernelOp kernel) {
  DictionaryAttr config = kernel.getConfig();
  main = config.getAs<IntegerAttr>("main").getInt();
  scratch = getNumbers(config, "scratch");
  for (auto dict :
       config.getAs<ArrayAttr>("stages").getAsRange<DictionaryAttr>())
    stages.push_back(readStage(dict));
}

Value FusedLaunch::getMainBuffer(int64_t number) {
  int64_t buffer = getMain().buffers[number];
  return buffer < 0 ? Value() : buffers[buffer];
}

int64_t FusedLaunch::addBuffer(Value buffer, bool isWritten) {
  auto *it = llvm::find(buffers, buffer);
  size_t number = it - buffers.begin();
  if (it == buffers.end()) {
    buffers.push_back(buffer);
    written.push_back(false);
  }
  written[number] = written[number] || isWritten;
  return number;
}

int64_t FusedLaunch::addScalar(Value scalar) {
  auto *it = llvm::find(scalars, scalar);
  size_t number = it - scalars.begin();
  if (it == scalars.end())
    scalars.push_back(scalar);
  return number;
}

void FusedLaunch::addBefore(LaunchOp producer, int64_t operand) {
  Stage stage = toStage(table.lookup(producer));
  int64_t result = producer.getWrites().front();
  auto type = cast<MemRefType>(stage.types[result]);
  int64_t number = -1 - int64_t(scratch.size());
  scratch.push_back(type.getNumElements() * type.getElementTypeBitWidth() / 8);
  for (auto [i, buffer] : llvm::enumerate(producer.getBuffers()))
    stage.buffers[i] = int64_t(i) == result ? number : addBuffer(buffer, false);
  for (auto [i, scalar] : llvm::enumerate(producer.getScalars()))
    stage.scalars[i] = addScalar(scalar);
  getMain().buffers[operand] = number;
  stages.insert(stages.begin(), stage);
  ++main;
}

void FusedLaunch::addAfter(Stage stage, ValueRange values,
                           ArrayRef<int64_t> writes) {
  for (auto [i, value] : llvm::enumerate(values))
    stage.buffers.push_back(
        addBuffer(value, llvm::is_contained(writes, int64_t(i))));
  stages.push_back(std::move(stage));
}

/// Forgets buffers that scratch has taken the place of.
void FusedLaunch::dropUnusedBuffers() {
  SmallVector<int64_t> places(buffers.size(), -1);
  for (Stage &stage : stages)
    for (int64_t number : stage.buffers)
      if (number >= 0)
        places[number] = 0;
  int64_t next = 0;
  for (size_t i = 0; i < places.size(); ++i)
    if (places[i] == 0) {
      buffers[next] = buffers[i];
      written[next] = written[i];
      places[i] = next++;
    }
  buffers.truncate(next);
  written.truncate(next);
  for (Stage &stage : stages)
    for (int64_t &number : stage.buffers)
      if (number >= 0)
        number = places[number];
}

DictionaryAttr FusedLaunch::getConfig(Builder &b) {
  SmallVector<Attribute> list;
  for (const Stage &stage : stages)
    list.push_back(writeStage(b, stage));
  NamedAttrList config;
  config.set("main", b.getI64IntegerAttr(main));
  config.set("scratch", b.getDenseI64ArrayAttr(scratch));
  config.set("stages", b.getArrayAttr(list));
  return config.getDictionary(b.getContext());
}

LaunchOp FusedLaunch::create(OpBuilder &b, Value tasks) {
  dropUnusedBuffers();
  // The main stage's tasks, from the scalars of all.
  SmallVector<AffineExpr> symbols;
  for (int64_t number : getMain().scalars)
    symbols.push_back(b.getAffineSymbolExpr(number));
  AffineExpr count = getMain().tasks.getResult(0).replaceSymbols(symbols);
  OpBuilder nowhere(b.getContext());
  auto fused = KernelOp::create(
      nowhere, kernel.getLoc(), "", "fused", getConfig(b),
      AffineMap::get(0, scalars.size(), count),
      b.getTypeArrayAttr(llvm::to_vector(ValueRange(buffers).getTypes())),
      scalars.size());
  IRMapping mapping;
  kernel.getElement().cloneInto(&fused.getElement(), mapping);
  SmallVector<int64_t> writes;
  for (size_t i = 0; i < written.size(); ++i)
    if (written[i])
      writes.push_back(i);
  auto name = FlatSymbolRefAttr::get(table.add(fused).getSymNameAttr());
  return LaunchOp::create(b, launch.getLoc(), name, tasks, buffers, scalars,
                          launch.getWork(), b.getDenseI64ArrayAttr(writes),
                          launch.getLabelAttr());
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

Value weft::getRootBuffer(Value view) {
  while (auto op = view.getDefiningOp<program::ViewOp>())
    view = op.getBase();
  return view;
}

bool weft::isWhole(Value view) {
  auto type = cast<MemRefType>(view.getType());
  for (Value at = view; auto op = at.getDefiningOp<program::ViewOp>();
       at = op.getBase())
    if (getConstantIntValue(op.getOffset()) != 0)
      return false;
  auto root = cast<MemRefType>(getRootBuffer(view).getType());
  return type.hasStaticShape() && root.hasStaticShape() &&
         type.getLayout().isIdentity() && root.getLayout().isIdentity() &&
         type.getNumElements() == root.getNumElements();
}

bool weft::mayOverlap(Value a, Value b) {
  a = getRootBuffer(a), b = getRootBuffer(b);
  if (a == b)
    return true;
  auto first = a.getDefiningOp<program::UseStateOp>();
  auto second = b.getDefiningOp<program::UseStateOp>();
  return first && second && first.getSymbol() == second.getSymbol();
}

namespace {
/// A buffer that an op reads or writes.
struct Access {
  Value buffer;
  bool isWritten;
};
} // namespace

/// What a launch or copy touches; nothing for another op.
static std::optional<SmallVector<Access>> getAccesses(Operation *op) {
  if (isPure(op) || isa<program::AllocOp>(op))
    return SmallVector<Access>();
  if (auto copy = dyn_cast<program::CopyOp>(op))
    return SmallVector<Access>{{copy.getSource(), false},
                               {copy.getTarget(), true}};
  auto launch = dyn_cast<LaunchOp>(op);
  if (!launch)
    return std::nullopt;
  SmallVector<Access> accesses;
  for (auto [i, buffer] : llvm::enumerate(launch.getBuffers()))
    accesses.push_back(
        {buffer, llvm::is_contained(launch.getWrites(), int64_t(i))});
  return accesses;
}

/// Whether no op between `op` and `place`, but for those of `except`, writes
/// what is read by `own` or touches what is written.
static bool isUndisturbed(Operation *op, Operation *place, ArrayRef<Access> own,
                          ArrayRef<Operation *> except) {
  if (op->getBlock() != place->getBlock() || !op->isBeforeInBlock(place))
    return false;
  for (Operation *next = op->getNextNode(); next != place;
       next = next->getNextNode()) {
    if (llvm::is_contained(except, next))
      continue;
    std::optional<SmallVector<Access>> others = getAccesses(next);
    if (!others)
      return false;
    for (const Access &a : own)
      for (const Access &b : *others)
        if ((a.isWritten || b.isWritten) && mayOverlap(a.buffer, b.buffer))
          return false;
  }
  return true;
}

bool weft::canMoveTo(Operation *op, Operation *place,
                     ArrayRef<Operation *> except) {
  std::optional<SmallVector<Access>> own = getAccesses(op);
  return own && isUndisturbed(op, place, *own, except);
}

bool weft::canRepeatAt(Operation *op, Operation *place) {
  std::optional<SmallVector<Access>> own = getAccesses(op);
  if (!own)
    return false;
  llvm::erase_if(*own, [](const Access &access) { return access.isWritten; });
  return isUndisturbed(op, place, *own, {});
}
