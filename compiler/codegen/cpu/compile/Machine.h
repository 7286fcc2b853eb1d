//===- Machine.h - LLVM IR to machine code of a level -----------*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_COMPILE_MACHINE_H
#define WEFT_CODEGEN_CPU_COMPILE_MACHINE_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>

namespace weft::cpu {

/// Code generation for one level; one object a thread.
class Machine {
public:
  static llvm::Expected<std::unique_ptr<Machine>> create(const CpuLevel &level);

  /// Gives the functions of `module` the target's attributes. Changes no
  /// meaning: nothing is reassociated, a product and a sum are fused only where
  /// the IR does.
  void setTarget(llvm::Module &module);
  /// Optimises; calls to libraries are neither recognised nor made.
  void optimize(llvm::Module &module);
  /// Writes the code as an object or as text.
  llvm::Error emit(llvm::Module &module, llvm::CodeGenFileType type,
                   llvm::raw_pwrite_stream &out);

private:
  explicit Machine(const CpuLevel &level) : level(level) {}

  const CpuLevel &level;
  std::unique_ptr<llvm::TargetMachine> target;
};

/// Names that an object uses and does not define.
llvm::Expected<llvm::SmallVector<std::string>>
getUndefinedSymbols(llvm::StringRef object);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_COMPILE_MACHINE_H
