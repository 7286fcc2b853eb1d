//===- ArtifactBuilder.h - Artifacts made by tests --------------*- C++ -*-===//

#ifndef WEFT_TEST_ARTIFACTBUILDER_H
#define WEFT_TEST_ARTIFACTBUILDER_H

#include "runtime/schema/artifact_generated.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weft::test {

using Slot = uint32_t;

/// Writes the body of a function, a slot for each result.
class FunctionBuilder {
public:
  explicit FunctionBuilder(const std::string &name);

  Slot symbol(const std::string &name, int64_t max);
  /// A dimension is a number, or ~slot.
  void input(const std::string &name, fb::DataType type,
             std::vector<int64_t> dims);
  void output(const std::string &name, fb::DataType type,
              std::vector<int64_t> dims);

  Slot fresh() { return function->slots++; }
  Slot constant(int64_t value);
  Slot binary(fb::Opcode op, Slot a, Slot b);
  Slot add(Slot a, Slot b) { return binary(fb::Opcode::Add, a, b); }
  Slot mul(Slot a, Slot b) { return binary(fb::Opcode::Mul, a, b); }
  Slot scale(Slot a, int64_t by) { return mul(a, constant(by)); }
  Slot select(Slot condition, Slot yes, Slot no);
  Slot stateLength(uint32_t state);
  Slot stateOffset(uint32_t state);
  Slot load(fb::Operand from, fb::DataType type);
  void launch(uint32_t kernel, Slot tasks, std::vector<fb::Operand> operands,
              std::vector<Slot> scalars, const std::string &name = "");
  void copy(fb::Operand from, fb::Operand to);
  /// Returns the loop's slot.
  Slot beginFor(Slot from, Slot to);
  void endFor();
  void beginSkipUnless(Slot condition);
  void endSkip();
  void emit(fb::Opcode op, int64_t value = 0, Slot dst = 0, Slot a = 0,
            Slot b = 0);

  std::unique_ptr<fb::FunctionT> take() { return std::move(function); }
  fb::FunctionT &get() { return *function; }

private:
  std::unique_ptr<fb::FunctionT> function;
  std::vector<size_t> open; // instructions that wait for their end
};

/// Tables and the segments' contents, to be changed by a test and then written.
struct Artifact {
  fb::ProgramT tables;
  std::vector<std::vector<uint8_t>> segments;

  /// The bytes of a whole file; sizes, places and hashes are filled in. The
  /// hash of the tables is right whatever they say.
  std::vector<uint8_t> write() const;
  /// As `write`, but keeps what the tables say of the segments.
  std::vector<uint8_t> writeAsIs() const;
};

/// Bytes whose first is aligned as the loader asks.
class AlignedBytes {
public:
  explicit AlignedBytes(const std::vector<uint8_t> &bytes);
  uint8_t *data() { return reinterpret_cast<uint8_t *>(blocks.data()); }
  size_t size() const { return length; }

private:
  struct alignas(64) Block {
    uint8_t bytes[64];
  };
  std::vector<Block> blocks;
  size_t length;
};

/// Numbers of the test artifact.
enum Kernel : uint32_t { Scale, Prefix, Window, Decay, Count, Nothing };
enum State : uint32_t { Rows, Recent, Summary };
inline constexpr int64_t kWidth = 4;
inline constexpr int64_t kCapacity = 64;
inline constexpr int64_t kWindow = 3;
inline constexpr int64_t kRecentCapacity = 24; // pieces of 21 rows at most

/// An artifact with the functions
///   scale(x [b, l]) -> y [b, l]        y = 6 x, by way of the arena and back
///   step(x [n, 4]) -> y [n, 4]         a state of each kind
///   attend(x [n, 4]) -> y [n, 4]       as step, without the Fixed state's part
///   reverse(x [n]) -> y [n]            a loop of copies
///   choose(flag [1] i64, x [n]) -> y [n]   x if the flag is set, else 2 x
///   double(x [n]) -> y [2 n + 1]       an output of a computed size
///   count(x [n]) -> y [n] i32          a task an element
///   weigh(x [n]) -> y [n]              y[0] = first parameter
Artifact makeArtifact();

/// The kernels' shared object.
std::vector<uint8_t> readKernels();

/// Operands of whole ports and parts of them.
fb::Operand in(uint32_t index, Slot offset, Slot bytes);
fb::Operand out(uint32_t index, Slot offset, Slot bytes);
fb::Operand arena(Slot offset, Slot bytes);
fb::Operand state(uint32_t index, Slot offset, Slot bytes);
fb::Operand parameter(uint32_t index, Slot offset, Slot bytes);

} // namespace weft::test

#endif // WEFT_TEST_ARTIFACTBUILDER_H
