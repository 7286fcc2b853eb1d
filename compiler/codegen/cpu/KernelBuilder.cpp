//===- KernelBuilder.cpp - Function, indices and control ------------------===//

#include "compiler/codegen/cpu/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::cpu;

KernelBuilder::KernelBuilder(program::KernelOp kernel, const CpuLevel &level,
                             ModuleOp module)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel.getContext()),
      kernel(kernel), level(level) {
  SmallVector<Type> types;
  for (Type type : kernel.getOperandTypes().getAsValueRange<TypeAttr>())
    types.push_back(type);
  types.append(kernel.getScalars() + 2, getIndexType());
  types.push_back(MemRefType::get({ShapedType::kDynamic}, getI8Type()));
  setInsertionPointToEnd(module.getBody());
  function = func::FuncOp::create(*this, kernel.getSymName(),
                                  getFunctionType(types, {}));
  setInsertionPointToStart(function.addEntryBlock());
}

void KernelBuilder::finish() {
  func::ReturnOp::create(*this);
  function->setAttr("program.kernel", getUnitAttr());
  function->setAttr("program.scratch", getI64IntegerAttr(scratchBytes));
  function->setAttr("program.scalars", getI64IntegerAttr(kernel.getScalars()));
  function->setAttr("program.buffers", kernel.getOperandTypes());
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

MemRefType KernelBuilder::bufferType(unsigned i) {
  return cast<MemRefType>(buffer(i).getType());
}

Value KernelBuilder::begin() {
  return function.getArgument(function.getNumArguments() - 3);
}
Value KernelBuilder::end() {
  return function.getArgument(function.getNumArguments() - 2);
}

Value KernelBuilder::scratch(ArrayRef<int64_t> shape, Type element) {
  int64_t at = scratchBytes;
  int64_t bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  int64_t bytes = llvm::divideCeil(ShapedType::getNumElements(shape) * bits, 8);
  scratchBytes = llvm::alignTo(at + bytes, 64);
  Value all = function.getArgument(function.getNumArguments() - 1);
  return view(all, at, MemRefType::get(shape, element));
}

FailureOr<int64_t> KernelBuilder::requireInt(StringRef name) {
  if (auto value = get<IntegerAttr>(name))
    return value.getInt();
  return kernel.emitOpError()
         << "expected an integer '" << name << "' in the config of family '"
         << kernel.getFamily() << "'";
}

int64_t KernelBuilder::getInt(StringRef name, int64_t otherwise) {
  auto value = get<IntegerAttr>(name);
  return value ? value.getInt() : otherwise;
}

double KernelBuilder::getFloat(StringRef name, double otherwise) {
  auto value = get<FloatAttr>(name);
  return value ? value.getValueAsDouble() : otherwise;
}

bool KernelBuilder::has(StringRef name) {
  return kernel.getConfig().contains(name);
}

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

VectorType KernelBuilder::vectorType(Type element, int64_t lanes) {
  return VectorType::get({lanes ? lanes : this->lanes()},
                         element ? element : getF32Type());
}

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}

Value KernelBuilder::index(Index value) {
  return value.value ? value.value : index(value.constant);
}

Value KernelBuilder::real(double value, Type type) {
  type = type ? type : getF32Type();
  TypedAttr attr = getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shaped, Attribute(attr));
  return arith::ConstantOp::create(*this, attr);
}

Value KernelBuilder::integer(int64_t value, Type type) {
  TypedAttr attr = getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto shaped = dyn_cast<ShapedType>(type))
    attr = DenseElementsAttr::get(shaped, Attribute(attr));
  return arith::ConstantOp::create(*this, attr);
}

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

Value KernelBuilder::add(Index a, Index b) {
  return createOrFold<arith::AddIOp>(index(a), index(b));
}
Value KernelBuilder::sub(Index a, Index b) {
  return createOrFold<arith::SubIOp>(index(a), index(b));
}
Value KernelBuilder::mul(Index a, Index b) {
  return createOrFold<arith::MulIOp>(index(a), index(b));
}
Value KernelBuilder::div(Index a, Index b) {
  return createOrFold<arith::DivUIOp>(index(a), index(b));
}
Value KernelBuilder::rem(Index a, Index b) {
  return createOrFold<arith::RemUIOp>(index(a), index(b));
}
Value KernelBuilder::ceilDiv(Index a, Index b) {
  return createOrFold<arith::CeilDivUIOp>(index(a), index(b));
}
Value KernelBuilder::min(Index a, Index b) {
  return createOrFold<arith::MinSIOp>(index(a), index(b));
}
Value KernelBuilder::max(Index a, Index b) {
  return createOrFold<arith::MaxSIOp>(index(a), index(b));
}
Value KernelBuilder::less(Index a, Index b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, index(a),
                                     index(b));
}
Value KernelBuilder::equal(Index a, Index b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, index(a),
                                     index(b));
}

Value KernelBuilder::choose(Value condition, Index a, Index b) {
  return createOrFold<arith::SelectOp>(condition, index(a), index(b));
}

Value KernelBuilder::opaque(Index value) {
  Value number = createOrFold<arith::IndexCastOp>(getI64Type(), index(value));
  auto code = LLVM::InlineAsmOp::create(
      *this, getI64Type(), number, /*asm_string=*/"",
      /*constraints=*/"=r,0", /*has_side_effects=*/false,
      /*is_align_stack=*/false, LLVM::TailCallKind::None,
      /*asm_dialect=*/LLVM::AsmDialectAttr(), /*operand_attrs=*/ArrayAttr());
  return arith::IndexCastOp::create(*this, getIndexType(), code.getRes());
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void KernelBuilder::forTasks(function_ref<void(Value)> body) {
  loop(begin(), end(), 1, body);
}

void KernelBuilder::loop(Index from, Index to, Index step,
                         function_ref<void(Value)> body) {
  loop(from, to, step, {}, [&](Value i, ValueRange) {
    body(i);
    return Values();
  });
}

KernelBuilder::Values
KernelBuilder::loop(Index from, Index to, Index step, ValueRange init,
                    function_ref<Values(Value, ValueRange)> body) {
  auto op =
      scf::ForOp::create(*this, index(from), index(to), index(step), init);
  OpBuilder::InsertionGuard guard(*this);
  Block *block = op.getBody();
  if (init.empty())
    block->getTerminator()->erase();
  setInsertionPointToEnd(block);
  Values results = body(op.getInductionVar(), op.getRegionIterArgs());
  scf::YieldOp::create(*this, results);
  return op.getResults();
}

KernelBuilder::Values
KernelBuilder::loopWhile(ValueRange init,
                         function_ref<Value(ValueRange)> condition,
                         function_ref<Values(ValueRange)> body) {
  OpBuilder::InsertionGuard guard(*this);
  auto op = scf::WhileOp::create(
      *this, init.getTypes(), init,
      [&](OpBuilder &at, Location, ValueRange old) {
        restoreInsertionPoint(at.saveInsertionPoint());
        scf::ConditionOp::create(*this, condition(old), old);
      },
      [&](OpBuilder &at, Location, ValueRange old) {
        restoreInsertionPoint(at.saveInsertionPoint());
        scf::YieldOp::create(*this, body(old));
      });
  return op.getResults();
}

void KernelBuilder::when(Value condition, function_ref<void()> then,
                         function_ref<void()> otherwise) {
  auto op = scf::IfOp::create(*this, condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise)
    return;
  setInsertionPointToStart(op.elseBlock());
  otherwise();
}

KernelBuilder::Values KernelBuilder::select(Value condition,
                                            function_ref<Values()> then,
                                            function_ref<Values()> otherwise) {
  OpBuilder::InsertionGuard guard(*this);
  Region thenRegion, elseRegion;
  auto fill = [&](Region &region, function_ref<Values()> body) {
    setInsertionPointToStart(&region.emplaceBlock());
    Values results = body();
    scf::YieldOp::create(*this, results);
    return results;
  };
  Block *block = getInsertionBlock();
  Block::iterator point = getInsertionPoint();
  Values results = fill(thenRegion, then);
  fill(elseRegion, otherwise);
  setInsertionPoint(block, point);
  auto op = scf::IfOp::create(*this, TypeRange(ValueRange(results)), condition,
                              /*withElseRegion=*/true);
  op.getThenRegion().takeBody(thenRegion);
  op.getElseRegion().takeBody(elseRegion);
  return op.getResults();
}
