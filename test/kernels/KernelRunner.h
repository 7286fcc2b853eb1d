//===- KernelRunner.h - Compiles, runs and checks a case --------*- C++ -*-===//

#ifndef WEFT_TEST_KERNELS_KERNELRUNNER_H
#define WEFT_TEST_KERNELS_KERNELRUNNER_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/include/weft/kernel_abi.h"
#include "test/kernels/KernelCase.h"

namespace weft::test {

/// Whether this CPU can run code for the level.
bool canRun(const cpu::CpuLevel &level);

/// Bytes between guards, aligned to 64 bytes.
class GuardedBuffer {
public:
  explicit GuardedBuffer(size_t size);
  uint8_t *data() { return start; }
  size_t size() const { return length; }
  bool isIntact() const;

private:
  std::vector<uint8_t> storage;
  uint8_t *start;
  size_t length;
};

/// A compiled case with its buffers.
class KernelRunner {
public:
  /// Compiles; check getError() after.
  KernelRunner(KernelCase &kernelCase, const cpu::CpuLevel &level);
  ~KernelRunner();
  const std::string &getError() const { return error; }

  /// Runs over several ways to cut the tasks and compares bits, guards, inputs
  /// and numbers. Returns what is wrong, or an empty text; `worst` is the
  /// largest error as `tolerance` counts it.
  std::string check(double &worst);

  /// What an operand holds after the last run.
  std::vector<uint8_t> getBytes(size_t operand) {
    GuardedBuffer &buffer = buffers[operand];
    return {buffer.data(), buffer.data() + buffer.size()};
  }

  /// Seconds of the fastest of the runs that fit into `budget` seconds; with
  /// `poolBytes`, the pooled operand moves through copies of that total size.
  double time(double budget, size_t poolBytes);

private:
  bool compile(const cpu::CpuLevel &level);
  bool readSignature(mlir::ModuleOp module);
  void reset();
  void run(int64_t begin, int64_t end, uint8_t scratchFill);
  std::string compareNumbers(size_t operand, double &worst);
  double getNumber(size_t operand, int64_t element);
  int64_t getExtent(size_t operand) const;

  KernelCase &kernelCase;
  std::string error;
  std::string symbol;
  std::vector<std::string> types; ///< Element types, as in IR.
  std::vector<int64_t> elementBytes;
  std::vector<int64_t> scalars;
  std::vector<GuardedBuffer> buffers;
  std::vector<void *> pointers;
  int64_t tasks = 0;
  size_t scratchBytes = 0;
  void *library = nullptr;
  weft_kernel_fn kernel = nullptr;
};

} // namespace weft::test

#endif // WEFT_TEST_KERNELS_KERNELRUNNER_H
