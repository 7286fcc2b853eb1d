//===- KernelCase.h - A kernel with data and what it must give --*- C++ -*-===//
//
// A file a family registers its cases:
//
//   static void addCases(std::vector<CaseEntry> &cases) {
//     cases.push_back({"norm/rms-7x576", /*fast=*/true, [] { … }});
//   }
//   static RegisterCases norm(addCases);
//
// `weft-kernel-check` compiles, runs, checks and times them.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TEST_KERNELS_KERNELCASE_H
#define WEFT_TEST_KERNELS_KERNELCASE_H

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace weft::test {

/// A buffer of the launch.
struct Operand {
  std::vector<int64_t> shape;
  /// Elements between neighbours along each axis; empty: contiguous.
  std::vector<int64_t> strides;
  /// Contents before the launch; empty: NaN (or 0xFF) everywhere.
  std::vector<uint8_t> bytes;
  /// Whether the kernel writes it. Others must stay as they are.
  bool written = false;
  /// Contents after the launch, in row-major order of `shape`; what is NaN here
  /// is not checked.
  std::vector<double> expected;

  template <typename T> T *as() { return reinterpret_cast<T *>(bytes.data()); }
  template <typename T> const T *as() const {
    return reinterpret_cast<const T *>(bytes.data());
  }
};

struct KernelCase {
  std::string kernel; ///< One `program.kernel` op as text.
  std::vector<Operand> operands;
  std::vector<int64_t> scalars; ///< The explicit ones; sizes are added.
  /// Fills `expected` of the operands that are written.
  std::function<void(KernelCase &)> reference;
  /// Largest error allowed, relative to the RMS of what is expected or to the
  /// number itself, whichever is larger.
  double tolerance = 1e-6;
  /// Useful work, for the benchmark: operations and bytes that must be read.
  double flops = 0;
  double bytes = 0;
  /// Products of bf16 that a product is made of, where there is a matrix unit;
  /// or products of bytes.
  int tileProducts = 0;
  bool hasBytes = false;
  /// Operand of which the benchmark makes copies to read from beyond the
  /// caches.
  int pooled = -1;
};

struct CaseEntry {
  std::string name; ///< family/what-shape
  bool fast;        ///< Also run by the unit test.
  std::function<KernelCase()> make;
};

/// All cases, sorted by name.
std::vector<CaseEntry> getCases();

struct RegisterCases {
  explicit RegisterCases(void (*add)(std::vector<CaseEntry> &));
};

//===----------------------------------------------------------------------===//
// Making operands
//===----------------------------------------------------------------------===//

using Random = std::mt19937;

inline int64_t getSize(const std::vector<int64_t> &shape) {
  int64_t size = 1;
  for (int64_t n : shape)
    size *= n;
  return size;
}

template <typename T>
Operand makeInput(std::vector<int64_t> shape, const std::vector<T> &values) {
  Operand operand;
  operand.shape = std::move(shape);
  operand.bytes.resize(values.size() * sizeof(T));
  std::memcpy(operand.bytes.data(), values.data(), operand.bytes.size());
  return operand;
}

/// Normal numbers of the given deviation.
inline Operand makeRandom(Random &random, std::vector<int64_t> shape,
                          float deviation = 1) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(getSize(shape));
  for (float &value : values)
    value = normal(random);
  return makeInput(std::move(shape), values);
}

inline Operand makeOutput(std::vector<int64_t> shape) {
  Operand operand;
  operand.shape = std::move(shape);
  operand.written = true;
  return operand;
}

} // namespace weft::test

#endif // WEFT_TEST_KERNELS_KERNELCASE_H
