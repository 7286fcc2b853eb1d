//===- KernelBuilder.h - Builds the code of a kernel ------------*- C++ -*-===//
//
// What the emitters of all families share: the function with its arguments,
// index arithmetic that folds, loops over tasks, vectors of f32 and scratch.
//
// Indices may be given as Value or as int64_t wherever a parameter is an
// `Index`. Vectors have, unless said, `lanes()` numbers of f32: a register of
// the level.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_CODEGEN_CPU_KERNELBUILDER_H
#define WEFT_CODEGEN_CPU_KERNELBUILDER_H

#include "compiler/codegen/cpu/CpuLevel.h"
#include "dialects/program/ops/ProgramOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace weft::cpu {

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;
  /// An index, constant or not.
  struct Index {
    Index(Value value) : value(value) {}
    Index(int64_t constant) : constant(constant) {}
    Index(int constant) : constant(constant) {}
    Value value;
    int64_t constant = 0;
  };

  /// Makes `func.func @name(buffers…, scalars…, begin, end, scratch)` at the
  /// end of `module` and stands at the begin of its body.
  KernelBuilder(program::KernelOp kernel, const CpuLevel &level,
                mlir::ModuleOp module);
  /// Ends the body and states the size of scratch.
  void finish();

  program::KernelOp getKernel() { return kernel; }
  const CpuLevel &getLevel() const { return level; }
  mlir::func::FuncOp getFunction() { return function; }

  //===--- Arguments -----------------------------------------------------===//

  unsigned getNumBuffers() { return kernel.getOperandTypes().size(); }
  Value buffer(unsigned i) { return function.getArgument(i); }
  mlir::MemRefType bufferType(unsigned i);
  Value scalar(unsigned i) { return function.getArgument(getNumBuffers() + i); }
  Value begin();
  Value end();
  /// A slice of the thread's scratch, aligned to 64 bytes. Slices do not
  /// overlap.
  Value scratch(llvm::ArrayRef<int64_t> shape, mlir::Type element);

  /// Entries of `config`. `require…` reports a missing one by an error.
  mlir::FailureOr<int64_t> requireInt(llvm::StringRef name);
  int64_t getInt(llvm::StringRef name, int64_t otherwise);
  double getFloat(llvm::StringRef name, double otherwise);
  bool has(llvm::StringRef name);
  template <typename T> T get(llvm::StringRef name) {
    return kernel.getConfig().getAs<T>(name);
  }

  //===--- Types and constants -------------------------------------------===//

  int64_t lanes() const { return level.getLanes(); }
  /// A vector of `lanes` numbers, by default of f32 and of a register.
  mlir::VectorType vectorType(mlir::Type element = {}, int64_t lanes = 0);
  Value index(int64_t value);
  Value index(Index value);
  /// `value` of f32, of another float type or of a vector of floats.
  Value real(double value, mlir::Type type = {});
  /// `value` of an integer type or of a vector of integers.
  Value integer(int64_t value, mlir::Type type);
  /// A vector with `value` in each lane.
  Value splat(double value) { return real(value, vectorType()); }

  //===--- Index arithmetic: folds, unsigned where it divides ------------===//

  Value add(Index a, Index b);
  Value sub(Index a, Index b);
  Value mul(Index a, Index b);
  Value div(Index a, Index b);
  Value rem(Index a, Index b);
  Value ceilDiv(Index a, Index b);
  Value min(Index a, Index b);
  Value max(Index a, Index b);
  Value less(Index a, Index b);
  Value equal(Index a, Index b);
  /// `a` where the condition holds, else `b`.
  Value choose(Value condition, Index a, Index b);

  /// `value`, of which LLVM knows nothing: keeps it from computing an address
  /// again in every turn of a loop out of what the index was made of.
  Value opaque(Index value);

  //===--- Control -------------------------------------------------------===//

  /// Runs `body(task)` for each task of the call.
  void forTasks(llvm::function_ref<void(Value)> body);
  void loop(Index from, Index to, Index step,
            llvm::function_ref<void(Value)> body);
  /// A loop that carries values from turn to turn.
  Values loop(Index from, Index to, Index step, mlir::ValueRange init,
              llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  /// Runs `body` on carried values as long as `condition` holds of them.
  Values loopWhile(mlir::ValueRange init,
                   llvm::function_ref<Value(mlir::ValueRange)> condition,
                   llvm::function_ref<Values(mlir::ValueRange)> body);
  void when(Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> otherwise = {});
  Values select(Value condition, llvm::function_ref<Values()> then,
                llvm::function_ref<Values()> otherwise);

  //===--- Memory --------------------------------------------------------===//

  /// A vector of the buffer's elements along the last axis; with `mask`, lanes
  /// outside are zero and not touched.
  Value load(Value buffer, llvm::ArrayRef<Index> at, Value mask = {},
             mlir::VectorType type = {});
  void store(Value vector, Value buffer, llvm::ArrayRef<Index> at,
             Value mask = {});
  Value loadScalar(Value buffer, llvm::ArrayRef<Index> at);
  void storeScalar(Value value, Value buffer, llvm::ArrayRef<Index> at);
  /// The element there in each lane.
  Value loadBroadcast(Value buffer, llvm::ArrayRef<Index> at);
  /// Vector of i1: lanes below `count`, which may be greater than the lanes.
  Value tailMask(Index count, int64_t lanes = 0);
  /// Fetches the line there: `locality` 3 for L1, 2 for L2, 1 for L3.
  void prefetch(Value buffer, llvm::ArrayRef<Index> at, unsigned locality);
  /// Bytes from `at` of a one-dimensional buffer of i8, as a buffer of that
  /// type.
  Value view(Value bytes, Index at, mlir::MemRefType type);

  //===--- Arithmetic on floats or vectors of them: no reassociation -----===//

  Value addf(Value a, Value b);
  Value subf(Value a, Value b);
  Value mulf(Value a, Value b);
  Value divf(Value a, Value b);
  Value fma(Value a, Value b, Value c); ///< a b + c, rounded once.
  Value maxf(Value a, Value b);
  Value broadcast(Value scalar, mlir::VectorType type = {});
  /// All lanes combined, halves first: the order is fixed.
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);
  /// Lanes taken from `a` then `b`.
  Value shuffle(Value a, Value b, llvm::ArrayRef<int64_t> lanes);
  /// Calls LLVM's intrinsic, such as "llvm.x86.avx512.vpdpbusd.512".
  Value intrinsic(llvm::StringRef name, mlir::Type result,
                  mlir::ValueRange operands);

private:
  Value reduce(Value vector, llvm::function_ref<Value(Value, Value)> combine);

  program::KernelOp kernel;
  const CpuLevel &level;
  mlir::func::FuncOp function;
  int64_t scratchBytes = 0;
};

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_KERNELBUILDER_H
