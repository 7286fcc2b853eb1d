//===- Instructions.cpp - The body of a function, for people --------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include "runtime/module/Header.h"
#include "runtime/schema/artifact_generated.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace weft;
using namespace weft::cli;
using fb::Opcode;

static std::string slot(uint32_t number) {
  return "s" + std::to_string(number);
}

namespace {
class Printer {
public:
  Printer(const fb::Program &program, const fb::Function &function)
      : program(program), function(function) {}

  void print();

private:
  std::string operand(const fb::Operand &operand) const;
  std::string launch(const fb::Launch &launch) const;
  std::string text(const fb::Instruction &instruction) const;

  const fb::Program &program;
  const fb::Function &function;
};
} // namespace

static std::string nameOf(const flatbuffers::String *name) {
  return name ? name->str() : "";
}

/// "state k + s4, s5 bytes".
std::string Printer::operand(const fb::Operand &operand) const {
  std::string base = "arena";
  uint32_t index = operand.index();
  if (operand.space() == fb::Space::Parameter)
    base = "parameter " + nameOf(program.parameters()->Get(index)->name());
  else if (operand.space() == fb::Space::State)
    base = "state " + nameOf(program.states()->Get(index)->name());
  else if (operand.space() == fb::Space::Input)
    base = "input " + nameOf(function.inputs()->Get(index)->name());
  else if (operand.space() == fb::Space::Output)
    base = "output " + nameOf(function.outputs()->Get(index)->name());
  return llvm::formatv("{0} + {1}, {2} bytes", base, slot(operand.offset()),
                       slot(operand.extent()));
}

std::string Printer::launch(const fb::Launch &launch) const {
  std::string text = "launch " +
                     nameOf(program.kernels()->Get(launch.kernel())->symbol()) +
                     " tasks " + slot(launch.tasks()) + " (";
  if (launch.operands())
    for (const fb::Operand *buffer : *launch.operands())
      text += (text.back() == '(' ? "" : "; ") + operand(*buffer);
  text += ") scalars (";
  if (launch.scalars())
    for (uint32_t scalar : *launch.scalars())
      text += (text.back() == '(' ? "" : ", ") + slot(scalar);
  return text + ")";
}

std::string Printer::text(const fb::Instruction &i) const {
  std::string dst = slot(i.dst()) + " = ";
  std::string name = llvm::StringRef(fb::EnumNameOpcode(i.op())).lower();
  switch (i.op()) {
  case Opcode::Constant:
    return dst + std::to_string(i.value());
  case Opcode::Select:
    return llvm::formatv("{0}select {1}, {2}, {3}", dst, slot(i.a()),
                         slot(i.b()), slot(uint32_t(i.value())));
  case Opcode::StateLength:
    if (i.a() == kNone)
      return dst + "position";
    [[fallthrough]];
  case Opcode::StateOffset:
    return dst + name + " " + nameOf(program.states()->Get(i.a())->name());
  case Opcode::Launch:
    return launch(*function.launches()->Get(uint32_t(i.value())));
  case Opcode::Copy: {
    const fb::Copy *copy = function.copies()->Get(uint32_t(i.value()));
    return "copy " + operand(*copy->from()) + " to " + operand(*copy->to());
  }
  case Opcode::For:
    return llvm::formatv("{0}for {1} to {2}, end at {3}", dst, slot(i.a()),
                         slot(i.b()), i.value());
  case Opcode::End:
    return "end of " + std::to_string(i.value());
  case Opcode::SkipUnless:
    return llvm::formatv("skip to {0} unless {1}", i.value(), slot(i.a()));
  case Opcode::Load:
    return dst + "load " +
           operand(*function.loads()->Get(uint32_t(i.value()))->from());
  default:
    return llvm::formatv("{0}{1} {2}, {3}", dst, name, slot(i.a()),
                         slot(i.b()));
  }
}

void Printer::print() {
  if (function.body())
    for (uint32_t i = 0; i != function.body()->size(); ++i)
      llvm::outs() << llvm::formatv("{0,5}  {1}\n", i,
                                    text(*function.body()->Get(i)));
  if (function.arena() != kNone)
    llvm::outs() << "arena " << slot(function.arena()) << "\n";
  if (function.tokens() != kNone)
    llvm::outs() << "tokens " << slot(function.tokens()) << "\n";
}

void cli::printInstructions(const Program &program, const std::string &name) {
  Function function = program.function(name);
  const void *tables;
  size_t bytes;
  check(weft_program_get_tables(program.get(), &tables, &bytes),
        program.path());
  const fb::Program &root = *fb::GetProgram(tables);
  Printer(root, *root.functions()->Get(uint32_t(function.index))).print();
}
