//===- ArtifactBuilder.cpp - Functions and files --------------------------===//

#include "test/unit/runtime/ArtifactBuilder.h"

#include "runtime/core/Hash.h"
#include "runtime/module/Header.h"

#include <cstring>
#include <fstream>
#include <iterator>

using namespace weft;
using namespace weft::test;
using fb::Opcode;

FunctionBuilder::FunctionBuilder(const std::string &name)
    : function(std::make_unique<fb::FunctionT>()) {
  function->name = name;
  function->slots = 0;
}

Slot FunctionBuilder::symbol(const std::string &name, int64_t max) {
  auto symbol = std::make_unique<fb::SymbolT>();
  symbol->name = name;
  symbol->max = max;
  function->symbols.push_back(std::move(symbol));
  return fresh();
}

static std::unique_ptr<fb::PortT> makePort(const std::string &name,
                                           fb::DataType type,
                                           std::vector<int64_t> dims) {
  auto port = std::make_unique<fb::PortT>();
  port->name = name;
  port->type = type;
  port->dims = std::move(dims);
  return port;
}

void FunctionBuilder::input(const std::string &name, fb::DataType type,
                            std::vector<int64_t> dims) {
  function->inputs.push_back(makePort(name, type, std::move(dims)));
}

void FunctionBuilder::output(const std::string &name, fb::DataType type,
                             std::vector<int64_t> dims) {
  function->outputs.push_back(makePort(name, type, std::move(dims)));
}

void FunctionBuilder::emit(Opcode op, int64_t value, Slot dst, Slot a, Slot b) {
  function->body.push_back(fb::Instruction(value, dst, a, b, op));
}

Slot FunctionBuilder::constant(int64_t value) {
  Slot dst = fresh();
  emit(Opcode::Constant, value, dst);
  return dst;
}

Slot FunctionBuilder::binary(Opcode op, Slot a, Slot b) {
  Slot dst = fresh();
  emit(op, 0, dst, a, b);
  return dst;
}

Slot FunctionBuilder::select(Slot condition, Slot yes, Slot no) {
  Slot dst = fresh();
  emit(Opcode::Select, no, dst, condition, yes);
  return dst;
}

Slot FunctionBuilder::stateLength(uint32_t state) {
  Slot dst = fresh();
  emit(Opcode::StateLength, 0, dst, state);
  return dst;
}

Slot FunctionBuilder::stateOffset(uint32_t state) {
  Slot dst = fresh();
  emit(Opcode::StateOffset, 0, dst, state);
  return dst;
}

Slot FunctionBuilder::load(fb::Operand from, fb::DataType type) {
  auto load = std::make_unique<fb::LoadT>();
  load->from = std::make_unique<fb::Operand>(from);
  load->type = type;
  function->loads.push_back(std::move(load));
  Slot dst = fresh();
  emit(Opcode::Load, int64_t(function->loads.size()) - 1, dst);
  return dst;
}

void FunctionBuilder::launch(uint32_t kernel, Slot tasks,
                             std::vector<fb::Operand> operands,
                             std::vector<Slot> scalars,
                             const std::string &name) {
  auto launch = std::make_unique<fb::LaunchT>();
  launch->kernel = kernel;
  launch->tasks = tasks;
  launch->operands = std::move(operands);
  launch->scalars = std::move(scalars);
  launch->name = name;
  function->launches.push_back(std::move(launch));
  emit(Opcode::Launch, int64_t(function->launches.size()) - 1);
}

void FunctionBuilder::copy(fb::Operand from, fb::Operand to) {
  auto copy = std::make_unique<fb::CopyT>();
  copy->from = std::make_unique<fb::Operand>(from);
  copy->to = std::make_unique<fb::Operand>(to);
  function->copies.push_back(std::move(copy));
  emit(Opcode::Copy, int64_t(function->copies.size()) - 1);
}

/// An instruction with its value replaced.
static void setValue(fb::Instruction &instruction, size_t value) {
  instruction =
      fb::Instruction(int64_t(value), instruction.dst(), instruction.a(),
                      instruction.b(), instruction.op());
}

Slot FunctionBuilder::beginFor(Slot from, Slot to) {
  Slot dst = fresh();
  open.push_back(function->body.size());
  emit(Opcode::For, 0, dst, from, to);
  return dst;
}

void FunctionBuilder::endFor() {
  setValue(function->body[open.back()], function->body.size());
  emit(Opcode::End, int64_t(open.back()));
  open.pop_back();
}

void FunctionBuilder::beginSkipUnless(Slot condition) {
  open.push_back(function->body.size());
  emit(Opcode::SkipUnless, 0, 0, condition);
}

void FunctionBuilder::endSkip() {
  setValue(function->body[open.back()], function->body.size());
  open.pop_back();
}

static uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

static flatbuffers::DetachedBuffer serialize(const fb::ProgramT &tables) {
  flatbuffers::FlatBufferBuilder builder;
  // Values that equal defaults too, so that a size does not depend on values.
  builder.ForceDefaults(true);
  fb::FinishProgramBuffer(builder, fb::Program::Pack(builder, &tables));
  return builder.Release();
}

std::vector<uint8_t> Artifact::write() const {
  fb::ProgramT &filled = const_cast<fb::ProgramT &>(tables);
  uint64_t end = sizeof(FileHeader) + serialize(filled).size();
  for (size_t i = 0; i < segments.size(); ++i) {
    fb::SegmentT &segment = *filled.segments[i];
    segment.offset = end = alignUp(end, kSegmentAlignment);
    segment.bytes = segments[i].size();
    segment.hash = hashBytes(segments[i].data(), segments[i].size());
    end += segment.bytes;
  }
  return writeAsIs();
}

std::vector<uint8_t> Artifact::writeAsIs() const {
  flatbuffers::DetachedBuffer buffer = serialize(tables);
  std::vector<uint8_t> file(sizeof(FileHeader) + buffer.size());
  memcpy(file.data() + sizeof(FileHeader), buffer.data(), buffer.size());
  for (const std::vector<uint8_t> &segment : segments) {
    file.resize(alignUp(file.size(), kSegmentAlignment));
    file.insert(file.end(), segment.begin(), segment.end());
  }
  FileHeader header = {};
  memcpy(header.magic, kMagic, sizeof(kMagic));
  header.majorVersion = kMajorVersion;
  header.minorVersion = kMinorVersion;
  header.tablesOffset = sizeof(FileHeader);
  header.tablesBytes = buffer.size();
  header.tablesHash = hashBytes(buffer.data(), buffer.size());
  header.fileBytes = file.size();
  memcpy(file.data(), &header, sizeof(header));
  return file;
}

AlignedBytes::AlignedBytes(const std::vector<uint8_t> &bytes)
    : blocks(bytes.size() / 64 + 1), length(bytes.size()) {
  memcpy(blocks.data(), bytes.data(), bytes.size());
}

std::vector<uint8_t> weft::test::readKernels() {
  std::ifstream file(WEFT_TEST_KERNELS, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fb::Operand weft::test::in(uint32_t index, Slot offset, Slot bytes) {
  return fb::Operand(fb::Space::Input, index, offset, bytes);
}
fb::Operand weft::test::out(uint32_t index, Slot offset, Slot bytes) {
  return fb::Operand(fb::Space::Output, index, offset, bytes);
}
fb::Operand weft::test::arena(Slot offset, Slot bytes) {
  return fb::Operand(fb::Space::Arena, 0, offset, bytes);
}
fb::Operand weft::test::state(uint32_t index, Slot offset, Slot bytes) {
  return fb::Operand(fb::Space::State, index, offset, bytes);
}
fb::Operand weft::test::parameter(uint32_t index, Slot offset, Slot bytes) {
  return fb::Operand(fb::Space::Parameter, index, offset, bytes);
}
