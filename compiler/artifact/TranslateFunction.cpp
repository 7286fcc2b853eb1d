//===- TranslateFunction.cpp - program.function to a table ----------------===//

#include "compiler/artifact/TranslateFunction.h"
#include "compiler/artifact/MemoryToOperands.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "runtime/module/Header.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;
using fb::Opcode;

namespace {
class FunctionTranslator {
public:
  FunctionTranslator(program::FunctionOp op, const Rows &rows)
      : op(op), rows(rows), slots(op.getSymbols().size()), index(slots),
        memory(slots, index, rows), table(std::make_unique<fb::FunctionT>()) {}

  std::unique_ptr<fb::FunctionT> run();

private:
  LogicalResult ports();
  LogicalResult block(Block &block);
  LogicalResult one(Operation &operation);

  LogicalResult launch(program::LaunchOp launch);
  LogicalResult copy(program::CopyOp copy);
  LogicalResult load(memref::LoadOp load);
  LogicalResult loop(scf::ForOp loop);
  LogicalResult condition(scf::IfOp condition);
  LogicalResult end(program::ReturnOp end);

  program::FunctionOp op;
  const Rows &rows;
  SlotBuilder slots;
  IndexToSlots index;
  MemoryToOperands memory;
  std::unique_ptr<fb::FunctionT> table;
};
} // namespace

/// The slot that a dimension of a port names: -1 - s is slot s.
static Slot slotOfDim(SlotBuilder &slots, int64_t dim) {
  return dim < 0 ? Slot(-1 - dim) : slots.constant(dim);
}

LogicalResult FunctionTranslator::ports() {
  for (auto [name, max] : llvm::zip_equal(
           op.getSymbols().getAsValueRange<StringAttr>(), op.getMaxima())) {
    table->symbols.push_back(std::make_unique<fb::SymbolT>());
    table->symbols.back()->name = name.str();
    table->symbols.back()->max = max;
  }
  size_t inputs = op.getInputNames().size();
  auto unsignedPorts = op->getAttrOfType<DenseBoolArrayAttr>("unsigned");
  for (auto [i, argument, dimsAttr] : llvm::enumerate(
           op.getBody().getArguments(), op.getDims().getAsRange<ArrayAttr>())) {
    bool isInput = i < inputs;
    Type element = cast<MemRefType>(argument.getType()).getElementType();
    // Kernels know integers without a sign; callers are told of it.
    if (unsignedPorts && unsignedPorts[i])
      element =
          IntegerType::get(op.getContext(), element.getIntOrFloatBitWidth(),
                           IntegerType::Unsigned);
    auto type = dataTypeOf(element);
    if (!type)
      return op.emitOpError()
             << "has an input or output of type " << argument.getType()
             << ", which an artifact cannot hold";
    auto port = std::make_unique<fb::PortT>();
    ArrayAttr names = isInput ? op.getInputNames() : op.getOutputNames();
    port->name = cast<StringAttr>(names[isInput ? i : i - inputs]).str();
    port->type = *type;
    SmallVector<Slot> sizes;
    for (IntegerAttr dim : dimsAttr.getAsRange<IntegerAttr>()) {
      port->dims.push_back(dim.getInt());
      sizes.push_back(slotOfDim(slots, dim.getInt()));
    }
    memory.setPort(argument, isInput ? fb::Space::Input : fb::Space::Output,
                   isInput ? i : i - inputs, sizes);
    (isInput ? table->inputs : table->outputs).push_back(std::move(port));
  }
  return success();
}

std::unique_ptr<fb::FunctionT> FunctionTranslator::run() {
  table->name = op.getSymName().str();
  table->tokens = table->arena = kNone;
  if (failed(ports()) || failed(block(op.getBody().front())))
    return nullptr;
  slots.finish(*table);
  return std::move(table);
}

LogicalResult FunctionTranslator::block(Block &block) {
  for (Operation &operation : block)
    if (failed(one(operation)))
      return failure();
  return success();
}

LogicalResult FunctionTranslator::one(Operation &operation) {
  return TypeSwitch<Operation *, LogicalResult>(&operation)
      .Case([&](program::LaunchOp op) { return launch(op); })
      .Case([&](program::CopyOp op) { return copy(op); })
      .Case([&](memref::LoadOp op) { return load(op); })
      .Case([&](scf::ForOp op) { return loop(op); })
      .Case([&](scf::IfOp op) { return condition(op); })
      .Case([&](scf::YieldOp) { return success(); })
      .Case([&](program::ReturnOp op) { return end(op); })
      .Case([&](program::SymbolOp op) {
        index.set(op, Slot(op.getNumber()));
        return success();
      })
      .Case([&](program::StatePositionOp op) {
        index.set(op, slots.stateFact(Opcode::StateLength, kNone));
        return success();
      })
      .Case([&](program::StateLengthOp op) {
        index.set(op, slots.stateFact(Opcode::StateLength,
                                      rows.states.index(op.getSymbolAttr())));
        return success();
      })
      .Case([&](program::StateOffsetOp op) {
        index.set(op, slots.stateFact(Opcode::StateOffset,
                                      rows.states.index(op.getSymbolAttr())));
        return success();
      })
      .Case<program::UseParameterOp, program::UseStateOp, program::ArenaOp,
            program::ViewOp>(
          [&](Operation *op) { return memory.translate(op); })
      .Case([&](program::AllocOp op) {
        return op.emitOpError("expected a place in the arena; memory is not "
                              "planned yet");
      })
      .Default([&](Operation *op) { return index.translate(op); });
}

LogicalResult FunctionTranslator::launch(program::LaunchOp op) {
  auto row = std::make_unique<fb::LaunchT>();
  row->kernel = rows.kernels.index(op.getKernelAttr());
  row->tasks = index.get(op.getTasks());
  if (Value work = op.getWork())
    row->work = index.get(work);
  row->name = op.getLabel().value_or("").str();
  for (Slot scalar : index.get(op.getScalars()))
    row->scalars.push_back(scalar);
  for (Value buffer : op.getBuffers()) {
    row->operands.push_back(memory.operand(buffer));
    memory.appendShape(buffer, row->scalars);
  }
  slots.run(Opcode::Launch, table->launches.size());
  table->launches.push_back(std::move(row));
  return success();
}

LogicalResult FunctionTranslator::copy(program::CopyOp op) {
  auto row = std::make_unique<fb::CopyT>();
  row->from = std::make_unique<fb::Operand>(memory.operand(op.getSource()));
  row->to = std::make_unique<fb::Operand>(memory.operand(op.getTarget()));
  slots.run(Opcode::Copy, table->copies.size());
  table->copies.push_back(std::move(row));
  return success();
}

LogicalResult FunctionTranslator::load(memref::LoadOp op) {
  Type element = op.getMemRefType().getElementType();
  auto type = dataTypeOf(element);
  if (!type || !element.isInteger())
    return op.emitOpError("expected integers but got ") << op.getMemRefType();
  const Place &place = memory.get(op.getMemRef());
  Slot at = slots.constant(0);
  for (auto [i, stride] :
       llvm::zip_equal(index.get(op.getIndices()), place.strides))
    at = slots.add(at, slots.mul(i, stride));
  Slot bytes = slots.constant(elementBytes(element));
  auto row = std::make_unique<fb::LoadT>();
  row->type = *type;
  row->from = std::make_unique<fb::Operand>(
      place.space, place.index, slots.add(place.offset, slots.mul(at, bytes)),
      bytes);
  index.set(op, slots.load(table->loads.size()));
  table->loads.push_back(std::move(row));
  return success();
}

LogicalResult FunctionTranslator::loop(scf::ForOp op) {
  if (!op.getInitArgs().empty())
    return op.emitOpError("carries values; an artifact's loop cannot");
  // Loops of an artifact have step 1: count turns, and scale.
  Slot begin = index.get(op.getLowerBound()), step = index.get(op.getStep());
  Slot length = slots.binary(Opcode::Sub, index.get(op.getUpperBound()), begin);
  bool isPlain = slots.constantValue(step) == 1;
  Slot turn = isPlain
                  ? slots.beginFor(begin, index.get(op.getUpperBound()))
                  : slots.beginFor(slots.constant(0),
                                   slots.binary(Opcode::CeilDiv, length, step));
  index.set(op.getInductionVar(),
            isPlain ? turn : slots.add(begin, slots.mul(turn, step)));
  LogicalResult result = block(*op.getBody());
  slots.endFor();
  return result;
}

LogicalResult FunctionTranslator::condition(scf::IfOp op) {
  if (op.getNumResults())
    return op.emitOpError("has results; a condition of an artifact cannot");
  Slot holds = index.get(op.getCondition());
  auto branch = [&](Slot condition, Block *body) {
    if (!body)
      return success();
    slots.beginSkipUnless(condition);
    LogicalResult result = block(*body);
    slots.endSkipUnless();
    return result;
  };
  Slot fails = slots.binary(Opcode::Equal, holds, slots.constant(0));
  return success(succeeded(branch(holds, op.thenBlock())) &&
                 succeeded(branch(fails, op.elseBlock())));
}

LogicalResult FunctionTranslator::end(program::ReturnOp op) {
  auto set = [&](Value value, const char *what, uint32_t &field) {
    if (!value)
      return success();
    field = index.get(value);
    if (slots.isStatic(field))
      return success();
    return LogicalResult(op.emitOpError()
                         << "expected " << what
                         << " that the symbols alone determine");
  };
  return success(succeeded(set(op.getTokens(), "tokens", table->tokens)) &&
                 succeeded(set(op.getArena(), "an arena", table->arena)));
}

std::unique_ptr<fb::FunctionT>
artifact::translateFunction(program::FunctionOp function, const Rows &rows) {
  return FunctionTranslator(function, rows).run();
}
