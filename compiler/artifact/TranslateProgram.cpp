//===- TranslateProgram.cpp - A program module to tables ------------------===//

#include "compiler/artifact/TranslateProgram.h"
#include "compiler/artifact/TranslateFunction.h"
#include "runtime/module/Header.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace weft;
using namespace weft::artifact;

static fb::StateKind kindOf(Growth growth) {
  switch (growth) {
  case Growth::Append:
    return fb::StateKind::Append;
  case Growth::Last:
    return fb::StateKind::Last;
  case Growth::Fixed:
    return fb::StateKind::Fixed;
  }
  llvm_unreachable("all growths are handled");
}

static std::unique_ptr<fb::StateT> translateState(program::StateOp op) {
  auto type = cast<MemRefType>(op.getType());
  auto element = dataTypeOf(type.getElementType());
  if (!element || !type.hasStaticShape()) {
    op.emitOpError("expected a static shape of numbers but got ") << type;
    return nullptr;
  }
  auto row = std::make_unique<fb::StateT>();
  row->name = op.getSymName().str();
  row->kind = kindOf(op.getGrowth());
  row->type = *element;
  bool isFixed = op.getGrowth() == Growth::Fixed;
  row->capacity = isFixed ? 1 : type.getDimSize(0);
  row->window = op.getWindow();
  ArrayRef<int64_t> dims = type.getShape().drop_front(isFixed ? 0 : 1);
  row->row_dims.assign(dims.begin(), dims.end());
  row->row_bytes = llvm::product_of(dims) * elementBytes(type.getElementType());
  return row;
}

/// Places `op` after `end`, the bytes of its segment that are taken.
static std::unique_ptr<fb::ParameterT>
translateParameter(program::ParameterOp op, uint64_t &end) {
  auto row = std::make_unique<fb::ParameterT>();
  row->name = op.getSymName().str();
  row->segment = 0;
  row->offset = llvm::alignTo(end, kParameterAlignment);
  row->bytes = op.getLayout().getBytes();
  end = row->offset + row->bytes;
  return row;
}

std::unique_ptr<fb::ProgramT>
artifact::translateProgram(ModuleOp module, ArrayRef<uint64_t> kernelScratch) {
  Rows rows(module);
  auto program = std::make_unique<fb::ProgramT>();
  for (program::StateOp op : rows.states.ops()) {
    program->states.push_back(translateState(op));
    if (!program->states.back())
      return nullptr;
  }
  auto segment = std::make_unique<fb::SegmentT>();
  segment->kind = fb::SegmentKind::Parameters;
  for (program::ParameterOp op : rows.parameters.ops())
    program->parameters.push_back(translateParameter(op, segment->bytes));
  program->segments.push_back(std::move(segment));
  for (auto [op, scratch] :
       llvm::zip_equal(rows.kernels.ops(), kernelScratch)) {
    program->kernels.push_back(std::make_unique<fb::KernelT>());
    program->kernels.back()->symbol = op.getSymName().str();
    program->kernels.back()->scratch = scratch;
  }
  for (auto op : module.getOps<program::FunctionOp>()) {
    program->functions.push_back(translateFunction(op, rows));
    if (!program->functions.back())
      return nullptr;
  }
  return program;
}

flatbuffers::DetachedBuffer artifact::serialize(const fb::ProgramT &program) {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  builder.ForceDefaults(true);
  fb::FinishProgramBuffer(builder, fb::Program::Pack(builder, &program));
  return builder.Release();
}
