//===- Bind.cpp - The caller's tensors and a function's ports -------------===//

#include "runtime/core/Tensor.h"
#include "runtime/module/Arithmetic.h"
#include "runtime/module/Header.h"
#include "runtime/session/Executor.h"

#include <cinttypes>

using namespace weft;

/// Fails with the place of a port before the problem.
#define PORT_ERROR(plan, port, format, ...)                                    \
  makeError(WEFT_SHAPE_MISMATCH, "function '%s': '%s': " format, (plan).name,  \
            (port).name()->c_str(), __VA_ARGS__)

static Status checkTypeAndRank(const FunctionPlan &plan, const fb::Port &port,
                               const weft_tensor &tensor) {
  if (tensor.dtype != weft_dtype(port.type()))
    return PORT_ERROR(plan, port, "expected type %s but got %s",
                      weft_dtype_name(weft_dtype(port.type())),
                      weft_dtype_name(tensor.dtype));
  if (tensor.rank < 0 || uint32_t(tensor.rank) != getSize(port.dims()))
    return PORT_ERROR(plan, port, "expected rank %u but got %d",
                      getSize(port.dims()), int(tensor.rank));
  return ok();
}

/// Gives a symbol the value of an axis, or checks that it has it already.
static Status bindSymbol(const FunctionPlan &plan, const fb::Port &port,
                         uint32_t symbol, int32_t axis, int64_t value,
                         int64_t &slot) {
  const fb::Symbol &table = *plan.table->symbols()->Get(symbol);
  const char *name = table.name() ? table.name()->c_str() : "?";
  if (value < 0 || value > table.max())
    return PORT_ERROR(plan, port,
                      "axis %d (%s): expected from 0 to %" PRId64
                      " but got %" PRId64,
                      int(axis), name, table.max(), value);
  if (slot >= 0 && slot != value)
    return PORT_ERROR(plan, port,
                      "axis %d (%s): expected %" PRId64
                      ", as in an earlier input or axis, but got %" PRId64,
                      int(axis), name, slot, value);
  slot = value;
  return ok();
}

/// Reads the symbols off the inputs; -1 until known.
static Status readSymbols(const FunctionPlan &plan, const weft_tensor *inputs,
                          int64_t *symbols) {
  for (uint32_t i = 0; i < plan.symbolCount; ++i)
    symbols[i] = -1;
  for (uint32_t i = 0; i < plan.inputCount; ++i) {
    const fb::Port &port = *plan.table->inputs()->Get(i);
    const weft_tensor &tensor = inputs[i];
    WEFT_TRY(checkTypeAndRank(plan, port, tensor));
    for (int32_t axis = 0; axis < tensor.rank; ++axis) {
      int64_t dim = port.dims()->Get(uint32_t(axis));
      int64_t value = tensor.dims[axis];
      if (dim < 0)
        WEFT_TRY(
            bindSymbol(plan, port, uint32_t(~dim), axis, value, symbols[~dim]));
      else if (value != dim)
        return PORT_ERROR(plan, port,
                          "axis %d: expected %" PRId64 " but got %" PRId64,
                          int(axis), dim, value);
    }
  }
  return ok();
}

Status Executor::bindInputs(const FunctionPlan &plan,
                            const weft_tensor *tensors) {
  int64_t *values = getSlots(plan);
  bool &isComputed = hasStatic[&plan - program->functions.data()];
  // While decoding, the symbols are the same call after call.
  bool same = isComputed;
  Status status = readSymbols(plan, tensors, symbols.data());
  if (failed(status))
    return status;
  for (uint32_t i = 0; i < plan.symbolCount; ++i) {
    same &= values[i] == symbols[i];
    values[i] = symbols[i];
  }
  if (same)
    return ok();
  isComputed = false;
  for (const fb::Instruction &instruction : plan.prologue)
    if (const char *problem = evaluate(instruction, values))
      return makeError(WEFT_EXECUTION_FAILED, "function '%s': %s in a size",
                       plan.name, problem);
  isComputed = true;
  return ok();
}

Status Executor::inferOutput(const FunctionPlan &plan, uint32_t output,
                             weft_tensor &tensor) const {
  const fb::Port &port = *plan.table->outputs()->Get(output);
  tensor.dtype = weft_dtype(port.type());
  tensor.rank = int32_t(getSize(port.dims()));
  for (int32_t axis = 0; axis < tensor.rank; ++axis) {
    int64_t dim = port.dims()->Get(uint32_t(axis));
    tensor.dims[axis] = dim >= 0 ? dim : getSlots(plan)[~dim];
    if (tensor.dims[axis] < 0)
      return makeError(WEFT_EXECUTION_FAILED,
                       "function '%s': '%s': axis %d has the size %" PRId64,
                       plan.name, port.name()->c_str(), int(axis),
                       tensor.dims[axis]);
  }
  return ok();
}

/// Checks where a tensor of checked dimensions lies.
static Status bindRange(const FunctionPlan &plan, const fb::Port &port,
                        const weft_tensor &tensor, Range &range) {
  uint64_t elementBytes = weft_dtype_bytes(tensor.dtype);
  uint64_t bytes;
  if (!computeBytes(tensor.dims, tensor.rank, elementBytes, bytes))
    return PORT_ERROR(plan, port, "%s", "the size overflows");
  uintptr_t address = reinterpret_cast<uintptr_t>(tensor.data);
  if ((!tensor.data && bytes) || address % elementBytes != 0)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "function '%s': '%s': expected data aligned to %" PRIu64
                     " bytes but got %p",
                     plan.name, port.name()->c_str(), elementBytes,
                     tensor.data);
  range = {static_cast<uint8_t *>(tensor.data), bytes};
  return ok();
}

Status Executor::bindData(const FunctionPlan &plan,
                          const weft_tensor *inputTensors,
                          const weft_tensor *outputTensors) {
  for (uint32_t i = 0; i < plan.inputCount; ++i)
    WEFT_TRY(bindRange(plan, *plan.table->inputs()->Get(i), inputTensors[i],
                       inputs[i]));
  for (uint32_t i = 0; i < plan.outputCount; ++i) {
    const fb::Port &port = *plan.table->outputs()->Get(i);
    const weft_tensor &given = outputTensors[i];
    weft_tensor expected;
    WEFT_TRY(checkTypeAndRank(plan, port, given));
    WEFT_TRY(inferOutput(plan, i, expected));
    for (int32_t axis = 0; axis < given.rank; ++axis)
      if (given.dims[axis] != expected.dims[axis])
        return PORT_ERROR(plan, port,
                          "axis %d: expected %" PRId64 " but got %" PRId64,
                          int(axis), expected.dims[axis], given.dims[axis]);
    WEFT_TRY(bindRange(plan, port, given, outputs[i]));
  }

  int64_t arenaBytes = plan.hasArena() ? getSlots(plan)[plan.arenaSlot] : 0;
  if (arenaBytes < 0 || uint64_t(arenaBytes) > arena.size())
    return makeError(WEFT_EXECUTION_FAILED,
                     "function '%s': an arena of %" PRId64
                     " bytes, but %" PRIu64 " with every symbol at its largest",
                     plan.name, arenaBytes, plan.arenaBytes);
  arenaRange = {arena.data(), uint64_t(arenaBytes)};
  return ok();
}

Status Executor::getTokens(const FunctionPlan &plan, int64_t &tokens) const {
  tokens = plan.hasState() ? getSlots(plan)[plan.tokensSlot] : 0;
  if (tokens < 0)
    return makeError(WEFT_EXECUTION_FAILED,
                     "function '%s': a call of %" PRId64 " tokens", plan.name,
                     tokens);
  return ok();
}
