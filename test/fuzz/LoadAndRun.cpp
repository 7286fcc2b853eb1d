//===- LoadAndRun.cpp - Everything that a hostile artifact can reach ------===//

#include "test/fuzz/LoadAndRun.h"

#include "runtime/module/Header.h"
#include "runtime/schema/artifact_generated.h"
#include "weft/weft.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace weft;

/// Memory that a run may take for tensors and scratch before it is left out.
static constexpr size_t kMaxTensorBytes = 1 << 20;

static void doNothing(void *const *, const int64_t *, int64_t, int64_t,
                      void *) {}

/// Asks every question for every number, and one too many.
static void query(const weft_program *program) {
  weft_program_info info;
  weft_program_get_info(program, &info);
  for (size_t f = 0; f <= info.function_count; ++f) {
    weft_function_info function = {};
    weft_port_info port;
    weft_symbol_info symbol;
    weft_program_get_function(program, f, &function);
    for (size_t i = 0; i <= function.input_count; ++i)
      weft_program_get_input(program, f, i, &port);
    for (size_t i = 0; i <= function.output_count; ++i)
      weft_program_get_output(program, f, i, &port);
    for (size_t i = 0; i <= function.symbol_count; ++i)
      weft_program_get_symbol(program, f, i, &symbol);
  }
  weft_state_info state;
  for (size_t i = 0; i <= info.state_count; ++i)
    weft_program_get_state(program, i, &state);
  weft_parameter_info parameter;
  for (size_t i = 0; i <= info.parameter_count; ++i)
    weft_program_get_parameter(program, i, &parameter);
  weft_segment_info segment;
  for (size_t i = 0; i <= info.segment_count; ++i)
    weft_program_get_segment(program, i, &segment);
  weft_kernel_info kernel;
  for (size_t i = 0; i <= info.kernel_count; ++i)
    weft_program_get_kernel(program, i, &kernel);
  const char *key, *value;
  for (size_t i = 0; i <= info.metadata_count; ++i)
    weft_program_get_metadata(program, i, &key, &value);
}

/// Gives each dynamic dimension `size`; false if that takes too much memory.
static bool makeTensors(const weft_program *program, size_t function,
                        size_t count, int64_t size,
                        std::vector<weft_tensor> &tensors,
                        std::vector<std::vector<uint64_t>> &memory) {
  for (size_t i = 0; i < count; ++i) {
    weft_port_info port;
    weft_program_get_input(program, function, i, &port);
    weft_tensor tensor = {};
    tensor.dtype = port.dtype;
    tensor.rank = port.rank;
    for (int32_t axis = 0; axis < port.rank; ++axis)
      tensor.dims[axis] = port.dims[axis] < 0 ? size : port.dims[axis];
    tensors.push_back(tensor);
  }
  for (weft_tensor &tensor : tensors) {
    size_t bytes;
    weft_status status = weft_tensor_bytes(&tensor, &bytes);
    if (status.code != WEFT_OK || bytes > kMaxTensorBytes)
      return false;
    memory.emplace_back(bytes / 8 + 1);
    tensor.data = memory.back().data();
  }
  return true;
}

static void runFunction(weft_session *session, size_t function, int64_t size) {
  const weft_program *program = weft_session_get_program(session);
  weft_function_info info;
  weft_program_get_function(program, function, &info);
  if (info.input_count + info.output_count > 1000)
    return;
  std::vector<weft_tensor> inputs, outputs(info.output_count);
  std::vector<std::vector<uint64_t>> memory;
  if (!makeTensors(program, function, info.input_count, size, inputs, memory))
    return;
  weft_status status =
      weft_session_infer_outputs(session, function, inputs.data(),
                                 inputs.size(), outputs.data(), outputs.size());
  if (status.code != WEFT_OK)
    return;
  for (weft_tensor &tensor : outputs) {
    size_t bytes;
    status = weft_tensor_bytes(&tensor, &bytes);
    if (status.code != WEFT_OK || bytes > kMaxTensorBytes)
      return;
    memory.emplace_back(bytes / 8 + 1);
    tensor.data = memory.back().data();
  }
  weft_session_run(session, function, inputs.data(), inputs.size(),
                   outputs.data(), outputs.size());
}

/// Whether the states are so small that copying them is quick.
static bool hasSmallStates(const weft_program *program) {
  weft_program_info info;
  weft_program_get_info(program, &info);
  uint64_t total = 0;
  for (size_t i = 0; i < info.state_count; ++i) {
    weft_state_info state;
    weft_program_get_state(program, i, &state);
    total += state.capacity * state.row_bytes;
    if (total > kMaxTensorBytes)
      return false;
  }
  for (size_t i = 0; i < info.kernel_count; ++i) {
    weft_kernel_info kernel;
    weft_program_get_kernel(program, i, &kernel);
    if (kernel.scratch > kMaxTensorBytes)
      return false;
  }
  return true;
}

static void runAll(weft_program *program) {
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = 1;
  options.max_instructions = 10000;
  weft_session *session = nullptr;
  if (!hasSmallStates(program) ||
      weft_session_create(program, &options, &session).code != WEFT_OK)
    return;
  weft_program_info info;
  weft_program_get_info(program, &info);
  for (size_t f = 0; f < info.function_count && f < 100; ++f)
    for (int64_t size : {1, 2, 1, 7, 0}) {
      runFunction(session, f, size);
      weft_session_rollback(session, weft_session_get_position(session) / 2);
    }
  size_t bytes = 0;
  weft_session_get_state_size(session, &bytes);
  std::vector<uint8_t> saved(bytes + 1);
  weft_session_save_state(session, saved.data(), bytes);
  weft_session *fork = nullptr;
  if (weft_session_fork(session, &fork).code == WEFT_OK)
    weft_session_load_state(fork, saved.data(), bytes);
  weft_session_release(session);
  weft_session_release(fork);
}

/// Binds verified tables to kernels that do nothing.
static void runLinked(const uint8_t *file, const weft_program *inspected) {
  const void *tables;
  size_t tablesBytes;
  weft_program_get_tables(inspected, &tables, &tablesBytes);
  const fb::Program &root = *fb::GetProgram(tables);
  std::vector<const void *> segments;
  std::vector<size_t> sizes;
  if (root.segments())
    for (const fb::Segment *segment : *root.segments()) {
      segments.push_back(file + segment->offset());
      sizes.push_back(segment->bytes());
    }
  std::vector<weft_linked_kernel> kernels;
  if (root.kernels())
    for (const fb::Kernel *kernel : *root.kernels())
      kernels.push_back({kernel->symbol()->c_str(), doNothing});
  if (!root.variants() || root.variants()->size() == 0)
    return;
  std::vector<weft_linked_level> levels;
  for (const fb::Variant *variant : *root.variants())
    levels.push_back(
        {variant->level()->c_str(), kernels.data(), kernels.size()});
  weft_linked_program linked = {tables,       tablesBytes,     segments.data(),
                                sizes.data(), segments.size(), levels.data(),
                                levels.size()};
  weft_load_options options = {WEFT_LOAD_SKIP_PARAMETER_HASH, nullptr};
  weft_program *program = nullptr;
  if (weft_program_create_linked(&linked, &options, &program).code == WEFT_OK)
    runAll(program);
  weft_program_release(program);
}

bool weft::test::loadAndRun(const uint8_t *data, size_t bytes, bool needsCode) {
  // Exactly as large as the file, so that a sanitizer sees what reads beyond.
  uint8_t *copy = nullptr;
  if (posix_memalign(reinterpret_cast<void **>(&copy), 4096,
                     bytes ? bytes : 1) != 0)
    return false;
  memcpy(copy, data, bytes);
  std::unique_ptr<uint8_t, decltype(&free)> owner(copy, free);

  weft_load_options inspect = {
      WEFT_LOAD_TABLES_ONLY | WEFT_LOAD_SKIP_PARAMETER_HASH, nullptr};
  weft_program *program = nullptr;
  weft_status status =
      weft_program_load_memory(copy, bytes, &inspect, &program);
  if (status.code != WEFT_OK)
    return false;
  query(program);
  runLinked(copy, program);
  weft_program_release(program);
  if (!needsCode)
    return true;
  program = nullptr;
  status = weft_program_load_memory(copy, bytes, nullptr, &program);
  weft_program_release(program);
  return status.code == WEFT_OK;
}
