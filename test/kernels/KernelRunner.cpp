//===- KernelRunner.cpp - Compiles, runs and checks a case ----------------===//

#include "test/kernels/KernelRunner.h"
#include "compiler/codegen/cpu/compile/CompileKernels.h"
#include "dialects/program/ops/ProgramOps.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "runtime/devices/cpu/Features.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <ctime>
#include <dlfcn.h>
#include <sys/mman.h>
#include <xmmintrin.h>

using namespace mlir;
using namespace weft;
using namespace weft::test;

bool test::canRun(const cpu::CpuLevel &level) {
  // Asks the system for tiles as well, as the runtime does.
  static const CpuFeatures features = CpuFeatures::probe(/*tiles=*/true);
  return llvm::all_of(level.required, [&](StringRef name) {
    return features.has(name.data());
  });
}

//===----------------------------------------------------------------------===//
// Guarded buffers
//===----------------------------------------------------------------------===//

static constexpr size_t kGuard = 256;
static constexpr uint8_t kGuardByte = 0xA5;

/// In large pages, as the runtime asks for: begins with a page, but for the
/// guard, so that a small buffer has one too.
GuardedBuffer::GuardedBuffer(size_t size) : length(size) {
  constexpr size_t page = size_t(1) << 21;
  bool isLarge = size >= page / 32;
  size_t needed = size + 2 * kGuard + 64;
  storage.reserve(isLarge ? needed + 2 * page : needed);
  auto address = reinterpret_cast<uintptr_t>(storage.data());
  size_t skipped = isLarge ? (page - address % page) % page : 0;
  if (isLarge)
    madvise(storage.data() + skipped, (needed + page - 1) / page * page,
            MADV_HUGEPAGE);
  storage.resize(skipped + needed, kGuardByte);
  address += skipped + kGuard;
  start = storage.data() + skipped + kGuard + (64 - address % 64) % 64;
}

bool GuardedBuffer::isIntact() const {
  auto isGuard = [](uint8_t byte) { return byte == kGuardByte; };
  return std::all_of(storage.data(), (const uint8_t *)start, isGuard) &&
         std::all_of((const uint8_t *)start + length,
                     storage.data() + storage.size(), isGuard);
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

static void evaluateTasks(AffineMap map, ArrayRef<int64_t> scalars,
                          int64_t &tasks) {
  Builder b(map.getContext());
  SmallVector<Attribute> operands, results;
  for (int64_t scalar : scalars.take_front(map.getNumInputs()))
    operands.push_back(b.getIndexAttr(scalar));
  if (succeeded(map.constantFold(operands, results)))
    tasks = cast<IntegerAttr>(results[0]).getInt();
}

/// Takes over element types, the scalars of the launch and the number of tasks.
bool KernelRunner::readSignature(ModuleOp module) {
  auto kernels = module.getOps<program::KernelOp>();
  if (kernels.empty()) {
    error = "no kernel in the text";
    return false;
  }
  program::KernelOp op = *kernels.begin();
  symbol = op.getSymName().str();
  evaluateTasks(op.getTasks(), kernelCase.scalars, tasks);
  scalars = kernelCase.scalars;
  if (op.getOperandTypes().size() != kernelCase.operands.size()) {
    error = "number of operands differs from the kernel's";
    return false;
  }
  for (auto [i, type] :
       llvm::enumerate(op.getOperandTypes().getAsValueRange<TypeAttr>())) {
    auto memref = cast<MemRefType>(type);
    Operand &operand = kernelCase.operands[i];
    types.push_back(llvm::formatv("{0}", memref.getElementType()).str());
    elementBytes.push_back(memref.getElementTypeBitWidth() / 8);
    for (auto [axis, size] : llvm::enumerate(memref.getShape()))
      if (ShapedType::isDynamic(size))
        scalars.push_back(operand.shape[axis]);
    auto [strides, offset] = memref.getStridesAndOffset();
    if (operand.strides.empty()) {
      operand.strides.assign(operand.shape.size(), 1);
      for (size_t a = operand.shape.size(); a-- > 1;)
        operand.strides[a - 1] = operand.strides[a] * operand.shape[a];
    }
    for (auto [axis, stride] : llvm::enumerate(strides))
      if (ShapedType::isDynamic(stride) && !memref.getLayout().isIdentity())
        scalars.push_back(operand.strides[axis]);
  }
  return true;
}

bool KernelRunner::compile(const cpu::CpuLevel &level) {
  DialectRegistry registry;
  registry.insert<WeftDialect, program::ProgramDialect, math::MathDialect>();
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    error += diagnostic.str() + "\n";
    return success();
  });
  auto module = parseSourceString<ModuleOp>(kernelCase.kernel, &context);
  if (!module || !readSignature(*module))
    return false;
  FailureOr<cpu::SharedObject> object =
      cpu::compileKernels(*module, level, cpu::CompileOptions());
  if (failed(object))
    return false;
  scratchBytes = object->kernels[0].bytes;

  SmallString<128> path;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("weft-kernel", "so", descriptor, path))
    return false;
  llvm::raw_fd_ostream(descriptor, true) << object->object->getBuffer();
  library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library)
    kernel = reinterpret_cast<weft_kernel_fn>(dlsym(library, symbol.c_str()));
  if (!kernel)
    error = dlerror();
  llvm::sys::fs::remove(path);
  return kernel;
}

KernelRunner::KernelRunner(KernelCase &kernelCase, const cpu::CpuLevel &level)
    : kernelCase(kernelCase) {
  if (!compile(level)) {
    if (error.empty())
      error = "cannot compile";
    return;
  }
  for (size_t i = 0; i < kernelCase.operands.size(); ++i) {
    buffers.emplace_back(getExtent(i) * elementBytes[i]);
    pointers.push_back(nullptr);
  }
  reset();
}

KernelRunner::~KernelRunner() {
  if (library)
    dlclose(library);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Elements from the first to one past the last.
int64_t KernelRunner::getExtent(size_t i) const {
  const Operand &operand = kernelCase.operands[i];
  if (!getSize(operand.shape))
    return 0;
  int64_t extent = 1;
  for (size_t a = 0; a < operand.shape.size(); ++a)
    extent += (operand.shape[a] - 1) * operand.strides[a];
  return extent;
}

void KernelRunner::reset() {
  for (size_t i = 0; i < buffers.size(); ++i) {
    const std::vector<uint8_t> &bytes = kernelCase.operands[i].bytes;
    std::memset(buffers[i].data(), 0xFF, buffers[i].size());
    if (!bytes.empty())
      std::memcpy(buffers[i].data(), bytes.data(),
                  std::min(bytes.size(), buffers[i].size()));
    pointers[i] = buffers[i].data();
  }
}

void KernelRunner::run(int64_t begin, int64_t end, uint8_t scratchFill) {
  GuardedBuffer scratch(scratchBytes);
  std::memset(scratch.data(), scratchFill, scratchBytes);
  unsigned mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040); // denormals are zero, as in the runtime
  kernel(pointers.data(), scalars.data(), begin, end, scratch.data());
  _mm_setcsr(mode);
  if (!scratch.isIntact())
    error = "writes outside its scratch";
}

static double fromHalf(uint16_t bits) {
  double sign = bits & 0x8000 ? -1 : 1;
  int exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  if (exponent == 31)
    return fraction ? NAN : sign * INFINITY;
  if (!exponent)
    return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(fraction + 1024, exponent - 25);
}

double KernelRunner::getNumber(size_t i, int64_t element) {
  const uint8_t *at = buffers[i].data() + element * elementBytes[i];
  auto read = [&](auto value) {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  const std::string &type = types[i];
  if (type == "f32")
    return read(float());
  if (type == "f64")
    return read(double());
  if (type == "f16")
    return fromHalf(read(uint16_t()));
  if (type == "bf16") {
    uint32_t bits = uint32_t(read(uint16_t())) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  if (type == "i64")
    return read(int64_t());
  if (type == "i32")
    return read(int32_t());
  return read(int8_t());
}

std::string KernelRunner::compareNumbers(size_t i, double &worst) {
  const Operand &operand = kernelCase.operands[i];
  double sum = 0;
  size_t count = 0;
  for (double value : operand.expected)
    if (std::isfinite(value)) {
      sum += value * value;
      ++count;
    }
  double rms = count ? std::sqrt(sum / count) : 0;
  for (size_t flat = 0; flat < operand.expected.size(); ++flat) {
    double want = operand.expected[flat];
    if (std::isnan(want))
      continue;
    int64_t element = 0;
    for (size_t a = operand.shape.size(), rest = flat; a-- > 0;) {
      element += rest % operand.shape[a] * operand.strides[a];
      rest /= operand.shape[a];
    }
    double got = getNumber(i, element);
    double unit = std::max(std::abs(want), rms ? rms : 1);
    double error = got == want ? 0 : std::abs(got - want) / unit;
    worst = std::max(worst, std::isnan(error) ? INFINITY : error);
    if (!(error <= kernelCase.tolerance))
      return llvm::formatv("operand {0}, element {1}: expected {2} but got "
                           "{3}, error {4:e}",
                           i, flat, want, got, error)
          .str();
  }
  return {};
}

std::string KernelRunner::check(double &worst) {
  worst = 0;
  if (!tasks)
    return "no tasks";
  std::vector<std::vector<uint8_t>> first;
  for (int way = 0; way < 3; ++way) {
    reset();
    if (way == 0)
      run(0, tasks, 0xFF);
    for (int64_t t = tasks; way == 1 && t-- > 0;)
      run(t, t + 1, 0x7F);
    if (way == 2) {
      run(tasks / 3, tasks, 0x00);
      run(0, tasks / 3, 0x00);
      run(tasks / 2, tasks / 2, 0x00);
    }
    for (size_t i = 0; i < buffers.size(); ++i) {
      std::vector<uint8_t> bytes(buffers[i].data(),
                                 buffers[i].data() + buffers[i].size());
      if (!buffers[i].isIntact())
        return llvm::formatv("writes outside operand {0}", i);
      const Operand &operand = kernelCase.operands[i];
      if (!operand.written && bytes != operand.bytes)
        return llvm::formatv("changes operand {0}, an input", i);
      if (way == 0)
        first.push_back(std::move(bytes));
      else if (first[i] != bytes)
        return llvm::formatv("bits of operand {0} depend on how tasks are cut",
                             i);
    }
    if (!error.empty())
      return error;
  }
  kernelCase.reference(kernelCase);
  for (size_t i = 0; i < buffers.size(); ++i)
    if (kernelCase.operands[i].written)
      if (std::string wrong = compareNumbers(i, worst); !wrong.empty())
        return wrong;
  return {};
}

/// Of the processor, so that waiting for it does not count.
static double getThreadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

double KernelRunner::time(double budget, size_t poolBytes) {
  std::vector<GuardedBuffer> pool;
  int pooled = kernelCase.pooled;
  if (poolBytes && pooled >= 0)
    while (pool.size() * buffers[pooled].size() < poolBytes) {
      pool.emplace_back(buffers[pooled].size());
      std::memcpy(pool.back().data(), buffers[pooled].data(),
                  buffers[pooled].size());
    }
  GuardedBuffer scratch(scratchBytes);
  unsigned mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040);
  double best = INFINITY;
  double start = getThreadSeconds();
  for (size_t n = 0; n < 5 || getThreadSeconds() - start < budget; ++n) {
    // So many calls that the clock's own cost does not count.
    int repeats = best < 1e-4 ? int(1e-4 / best) + 1 : 1;
    if (!pool.empty()) { // best of whole turns through the pool
      repeats = pool.size();
    }
    double from = getThreadSeconds();
    for (int r = 0; r < repeats; ++r) {
      if (!pool.empty())
        pointers[pooled] = pool[r].data();
      kernel(pointers.data(), scalars.data(), 0, tasks, scratch.data());
    }
    best = std::min(best, (getThreadSeconds() - from) / repeats);
  }
  if (pooled >= 0)
    pointers[pooled] = buffers[pooled].data();
  _mm_setcsr(mode);
  return best;
}
