//===- FunctionValues.cpp - Sizes, parameters, states, launches -----------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "passes/lower/FunctionLowering.h"

using namespace mlir;
using namespace weft;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

void FunctionLowering::setIndex(Value value, IndexExpr expr) {
  indices[value] = expr;
}

bool FunctionLowering::canGetIndex(Value value) const {
  if (getConstantIntValue(value) || indices.contains(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    return dim.getConstantIndex() && (buffers.contains(dim.getSource()) ||
                                      empties.contains(dim.getSource()));
  return isa_and_present<arith::ArithDialect>(op->getDialect()) &&
         llvm::all_of(op->getOperands(),
                      [&](Value operand) { return canGetIndex(operand); });
}

IndexExpr FunctionLowering::getIndex(Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return index.constant(*constant);
  auto it = indices.find(value);
  if (it != indices.end())
    return it->second;
  Operation *op = value.getDefiningOp();
  assert(op && "expected an index that is lowered already");
  IndexExpr result;
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    result = getSizes(dim.getSource())[*dim.getConstantIndex()];
  } else if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op) &&
             value.getType().isIndex()) {
    IndexExpr lhs = getIndex(op->getOperand(0));
    IndexExpr rhs = getIndex(op->getOperand(1));
    result = isa<arith::AddIOp>(op)   ? index.add(lhs, rhs)
             : isa<arith::SubIOp>(op) ? index.sub(lhs, rhs)
                                      : index.mul(lhs, rhs);
  } else {
    IRMapping mapping;
    for (Value operand : op->getOperands()) {
      auto constant = operand.getDefiningOp<arith::ConstantOp>();
      mapping.map(operand, constant && !operand.getType().isIndex()
                               ? b.clone(*constant)->getResult(0)
                               : index.value(getIndex(operand)));
    }
    result = b.clone(*op, mapping)->getResult(0);
  }
  // In a loop the value may not be visible later.
  if (isAtTop())
    indices[value] = result;
  return result;
}

IndexExprs FunctionLowering::getIndices(ArrayRef<OpFoldResult> values) {
  return llvm::map_to_vector(values, [&](OpFoldResult value) {
    auto dynamic = dyn_cast<Value>(value);
    return dynamic ? getIndex(dynamic) : IndexExpr(value);
  });
}

//===----------------------------------------------------------------------===//
// Parameters, launches
//===----------------------------------------------------------------------===//

Value FunctionLowering::atEntry(function_ref<Value()> build) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&function.getBody().front());
  return build();
}

static Value use(FunctionLowering &f, program::ParameterOp parameter) {
  auto name = FlatSymbolRefAttr::get(parameter.getSymNameAttr());
  return program::UseParameterOp::create(f.b, parameter.getBufferType(), name);
}

Value FunctionLowering::useParameter(Value tensor,
                                     program::LayoutAttrInterface layout) {
  auto panels = dyn_cast<program::PanelsAttr>(layout);
  auto part = panels ? module.findPart(tensor, panels) : std::nullopt;
  program::ParameterOp parameter =
      part ? part->parameter : module.getParameter(tensor, layout);
  Value &buffer = parameters[parameter.getSymNameAttr()];
  if (!buffer)
    buffer = atEntry([&] { return use(*this, parameter); });
  if (!part || layout == parameter.getLayout())
    return buffer;
  auto type = MemRefType::get({layout.getBytes()}, b.getI8Type());
  return program::ViewOp::create(b, type, buffer,
                                 index.value(index.constant(part->offset)),
                                 ValueRange(), ValueRange());
}

Value FunctionLowering::useParameterRows(Value tensor, IndexExpr first,
                                         program::PanelsAttr layout) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto whole = program::PanelsAttr::get(b.getContext(), type.getDimSize(0),
                                        layout.getColumns(),
                                        layout.getStorage(), layout.getWidth());
  Value buffer = useParameter(tensor, whole);
  // Evenly: the row begins a panel.
  IndexExpr panel = index.ceilDiv(first, index.constant(whole.getWidth()));
  IndexExpr offset = index.mul(panel, index.constant(whole.getPanelBytes()));
  auto part = MemRefType::get({layout.getBytes()}, b.getI8Type());
  return program::ViewOp::create(b, part, buffer, index.value(offset),
                                 ValueRange(), ValueRange());
}

Value FunctionLowering::useTable(DenseElementsAttr data) {
  program::ParameterOp parameter = module.getParameter(b.getLoc(), data);
  Value &buffer = parameters[parameter.getSymNameAttr()];
  if (!buffer)
    buffer = atEntry([&] { return use(*this, parameter); });
  return buffer;
}

void FunctionLowering::launch(LaunchSpec spec) {
  KernelSpec kernel{spec.family,
                    spec.config,
                    spec.tasks,
                    llvm::to_vector(ValueRange(spec.buffers).getTypes()),
                    int64_t(spec.scalars.size()),
                    spec.element};
  FlatSymbolRefAttr name = module.getKernel(b.getLoc(), kernel);
  Value tasks = index.value(index.apply(spec.tasks, spec.scalars));
  SmallVector<Value> scalars;
  for (IndexExpr scalar : spec.scalars)
    scalars.push_back(index.value(scalar));
  // For traces: the place in the model that the launch came from.
  if (spec.label.empty())
    if (auto name = b.getLoc()->findInstanceOf<NameLoc>())
      spec.label = name.getName().str();
  auto label = spec.label.empty() ? StringAttr() : b.getStringAttr(spec.label);
  Value work = spec.work ? index.value(spec.work) : Value();
  program::LaunchOp::create(b, name, tasks, spec.buffers, scalars, work,
                            b.getDenseI64ArrayAttr(spec.writes), label);
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

program::StateOp FunctionLowering::getState(Value tensor) {
  return states.lookup(tensor);
}

Value FunctionLowering::getStateBuffer(program::StateOp state) {
  Value &buffer = stateBuffers[state];
  if (!buffer)
    buffer = atEntry([&] {
      return program::UseStateOp::create(b, state.getType(),
                                         state.getSymName());
    });
  return buffer;
}

IndexExpr FunctionLowering::getStateLength(program::StateOp state) {
  Value &length = stateLengths[state];
  if (!length)
    length = atEntry([&] {
      return program::StateLengthOp::create(b, b.getIndexType(),
                                            state.getSymName());
    });
  return length;
}

IndexExpr FunctionLowering::getStateOffset(program::StateOp state) {
  Value &offset = stateOffsets[state];
  if (!offset)
    offset = atEntry([&] {
      return program::StateOffsetOp::create(b, b.getIndexType(),
                                            state.getSymName());
    });
  return offset;
}

std::optional<Buffer> FunctionLowering::getConcat(Value result) const {
  auto it = concats.find(result);
  if (it == concats.end())
    return std::nullopt;
  return it->second;
}

Buffer FunctionLowering::getNewRows(program::StateOp state,
                                    ArrayRef<IndexExpr> sizes) {
  Value root = getStateBuffer(state);
  IndexExprs whole;
  for (int64_t size : cast<MemRefType>(root.getType()).getShape())
    whole.push_back(index.constant(size));
  Buffer rows = views.whole(root, whole);
  IndexExpr first = index.add(getStateOffset(state), getStateLength(state));
  // The batch axis of the tensor, of size 1, stands before the rows.
  Buffer result{root, index.mul(first, rows.strides[0]), IndexExprs(sizes), {}};
  result.strides.push_back(index.mul(rows.sizes[0], rows.strides[0]));
  llvm::append_range(result.strides, rows.strides);
  return result;
}
