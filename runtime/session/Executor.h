//===- Executor.h - Runs a function's instructions --------------*- C++ -*-===//

#ifndef WEFT_SESSION_EXECUTOR_H
#define WEFT_SESSION_EXECUTOR_H

#include "runtime/devices/cpu/ThreadPool.h"
#include "runtime/module/Program.h"
#include "runtime/session/States.h"

namespace weft {

/// The memory and the loop of a session's calls. Everything is allocated by
/// `create`; a call allocates nothing.
class Executor {
public:
  Status create(const weft_program &program, int32_t threads);

  /// Takes the dimensions of the inputs as symbols, checks all that is known of
  /// them, and computes the static slots.
  Status bindInputs(const FunctionPlan &plan, const weft_tensor *inputs);

  /// Fills in type and dimensions of output `output`, after bindInputs.
  Status inferOutput(const FunctionPlan &plan, uint32_t output,
                     weft_tensor &tensor) const;

  /// Checks and keeps where the tensors lie, after bindInputs.
  Status bindData(const FunctionPlan &plan, const weft_tensor *inputs,
                  const weft_tensor *outputs);

  /// The tokens that the call adds, after bindInputs; 0 without a state.
  Status getTokens(const FunctionPlan &plan, int64_t &tokens) const;

  /// What happens beside the call.
  struct Surroundings {
    ThreadPool &pool;
    const States &states;
    int64_t maxInstructions;
    weft_launch_hook_fn hook;
    void *hookUser;
    TraceBuffer *trace;
  };

  /// Runs the body.
  Status run(const FunctionPlan &plan, const Surroundings &around);

private:
  int64_t *getSlots(const FunctionPlan &plan) {
    return slots.data() + slotsBegin[&plan - program->functions.data()];
  }
  const int64_t *getSlots(const FunctionPlan &plan) const {
    return const_cast<Executor *>(this)->getSlots(plan);
  }
  bool resolve(const fb::Operand &operand, const int64_t *values,
               void *&data) const;
  Status failOperand(const FunctionPlan &plan, const char *what,
                     const fb::Operand &operand, const int64_t *values) const;
  Status launch(const FunctionPlan &plan, const LaunchPlan &launch,
                const int64_t *values, const Surroundings &around);
  void runKernel(const FunctionPlan &plan, const LaunchPlan &launch,
                 const int64_t *values, const Surroundings &around,
                 int64_t tasks);
  Status copy(const FunctionPlan &plan, const CopyPlan &copy,
              const int64_t *values);
  Status load(const FunctionPlan &plan, const LoadPlan &load,
              const int64_t *values, int64_t &result) const;
  static void runTasks(void *executor, int64_t begin, int64_t end,
                       int32_t thread);

  const weft_program *program = nullptr;
  Array<int64_t> slots;     // of all functions
  Array<size_t> slotsBegin; // a function
  Array<bool> hasStatic;    // a function: its static slots are computed
  Array<int64_t> symbols;   // of the call that is being bound
  Array<Range> inputs, outputs;
  Pages arena;
  Pages scratch; // a piece a thread
  uint64_t scratchStride = 0;

  // The ranges of the current call, by space.
  struct {
    const Range *ranges;
    uint64_t count;
  } spaces[5] = {};
  Range arenaRange = {};

  // The current launch.
  weft_kernel_fn kernel = nullptr;
  Array<void *> buffers;
  Array<int64_t> scalars;
};

} // namespace weft

#endif // WEFT_SESSION_EXECUTOR_H
