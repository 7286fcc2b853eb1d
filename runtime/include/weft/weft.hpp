//===- weft.hpp - The C API for C++17 ---------------------------*- C++ -*-===//
//
// Header-only, and no more than the C API with owners: Program and Session
// release what they hold, and Result carries a value or a status. Nothing
// throws. What weft.h says of threads and lifetimes holds here too.
//
//   weft::Result<weft::Program> program = weft::Program::load("model.weft");
//   if (!program)
//     return fail(program.status().message);
//   weft::Result<weft::Session> session = weft::Session::create(*program);
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_WEFT_HPP
#define WEFT_WEFT_HPP

#include "weft/weft.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft {

/// A value, or why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : held(std::move(value)), failure() {}
  Result(const weft_status &status) : failure(status) {}

  explicit operator bool() const { return held.has_value(); }
  T &operator*() { return *held; }
  const T &operator*() const { return *held; }
  T *operator->() { return &*held; }
  const T *operator->() const { return &*held; }
  const weft_status &status() const { return failure; }

private:
  std::optional<T> held;
  weft_status failure;
};

inline bool isOk(const weft_status &status) {
  return weft_status_is_ok(&status);
}

/// The dtype of a C++ element type.
template <typename T> constexpr weft_dtype dtypeOf() {
  if constexpr (std::is_same_v<T, float>)
    return WEFT_F32;
  else if constexpr (std::is_same_v<T, double>)
    return WEFT_F64;
  else if constexpr (std::is_same_v<T, int8_t>)
    return WEFT_I8;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return WEFT_U8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return WEFT_I16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return WEFT_I32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return WEFT_I64;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return WEFT_U16;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return WEFT_U32;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return WEFT_U64;
  else if constexpr (std::is_same_v<T, bool>)
    return WEFT_I1;
  else
    static_assert(!sizeof(T), "no dtype for this type; fill in a weft_tensor");
}

/// A view of `data`; rank 8 at most.
template <typename T>
weft_tensor view(T *data, std::initializer_list<int64_t> dims) {
  weft_tensor tensor = {};
  tensor.data = const_cast<std::remove_const_t<T> *>(data);
  tensor.dtype = dtypeOf<std::remove_const_t<T>>();
  for (int64_t dim : dims)
    if (tensor.rank < WEFT_MAX_RANK)
      tensor.dims[tensor.rank++] = dim;
  return tensor;
}

/// A tensor that owns its elements.
class Tensor {
public:
  Tensor() = default;

  /// Allocates for the type, rank and dims of `shape`; its data is ignored.
  static Result<Tensor> allocate(const weft_tensor &shape) {
    Tensor tensor;
    size_t bytes = 0;
    weft_status status = weft_tensor_bytes(&shape, &bytes);
    if (!isOk(status))
      return status;
    tensor.elements.resize(bytes / sizeof(Block) + 1);
    tensor.viewed = shape;
    tensor.viewed.data = tensor.elements.data();
    return tensor;
  }

  Tensor(Tensor &&) = default;
  Tensor &operator=(Tensor &&) = default;

  const weft_tensor &get() const { return viewed; }
  int64_t dim(int axis) const { return viewed.dims[axis]; }
  size_t size() const {
    size_t count = 1;
    for (int axis = 0; axis < viewed.rank; ++axis)
      count *= size_t(viewed.dims[axis]);
    return count;
  }
  /// The elements; null if the type is another.
  template <typename T> T *data() {
    return viewed.dtype == dtypeOf<T>() ? static_cast<T *>(viewed.data)
                                        : nullptr;
  }

private:
  struct alignas(64) Block {
    unsigned char bytes[64];
  };
  std::vector<Block> elements;
  weft_tensor viewed = {};
};

/// A loaded model. Copies share it.
class Program {
public:
  static Result<Program> load(const std::string &path,
                              const weft_load_options *options = nullptr) {
    weft_program *program = nullptr;
    weft_status status =
        weft_program_load_file(path.c_str(), options, &program);
    return isOk(status) ? Result<Program>(Program(program)) : status;
  }
  static Result<Program> load(const void *data, size_t bytes,
                              const weft_load_options *options = nullptr) {
    weft_program *program = nullptr;
    weft_status status =
        weft_program_load_memory(data, bytes, options, &program);
    return isOk(status) ? Result<Program>(Program(program)) : status;
  }
  static Result<Program> link(const weft_linked_program &linked,
                              const weft_load_options *options = nullptr) {
    weft_program *program = nullptr;
    weft_status status = weft_program_create_linked(&linked, options, &program);
    return isOk(status) ? Result<Program>(Program(program)) : status;
  }

  Program(const Program &other) : program(other.program) {
    weft_program_retain(program);
  }
  Program(Program &&other) noexcept
      : program(std::exchange(other.program, nullptr)) {}
  Program &operator=(Program other) noexcept {
    std::swap(program, other.program);
    return *this;
  }
  ~Program() { weft_program_release(program); }

  weft_program *get() const { return program; }

  weft_program_info info() const {
    weft_program_info info = {};
    weft_program_get_info(program, &info);
    return info;
  }
  Result<size_t> findFunction(const std::string &name) const {
    size_t function = 0;
    weft_status status =
        weft_program_find_function(program, name.c_str(), &function);
    return isOk(status) ? Result<size_t>(function) : status;
  }
  Result<weft_function_info> function(size_t function) const {
    weft_function_info info = {};
    weft_status status = weft_program_get_function(program, function, &info);
    return isOk(status) ? Result<weft_function_info>(info) : status;
  }
  Result<weft_port_info> input(size_t function, size_t input) const {
    weft_port_info info = {};
    weft_status status =
        weft_program_get_input(program, function, input, &info);
    return isOk(status) ? Result<weft_port_info>(info) : status;
  }
  Result<weft_port_info> output(size_t function, size_t output) const {
    weft_port_info info = {};
    weft_status status =
        weft_program_get_output(program, function, output, &info);
    return isOk(status) ? Result<weft_port_info>(info) : status;
  }
  /// Null if the key is not there.
  const char *metadata(const std::string &key) const {
    const char *value = nullptr;
    weft_program_find_metadata(program, key.c_str(), &value);
    return value;
  }

private:
  explicit Program(weft_program *program) : program(program) {}
  weft_program *program;
};

/// A stream of tokens: states, scratch memory and threads.
class Session {
public:
  static Result<Session> create(const Program &program,
                                const weft_session_options *options = nullptr) {
    weft_session *session = nullptr;
    weft_status status = weft_session_create(program.get(), options, &session);
    return isOk(status) ? Result<Session>(Session(session)) : status;
  }

  Session(Session &&other) noexcept
      : session(std::exchange(other.session, nullptr)) {}
  Session &operator=(Session &&other) noexcept {
    std::swap(session, other.session);
    return *this;
  }
  ~Session() { weft_session_release(session); }

  weft_session *get() const { return session; }

  /// Runs on the caller's memory.
  [[nodiscard]] weft_status run(size_t function,
                                const std::vector<weft_tensor> &inputs,
                                const std::vector<weft_tensor> &outputs) {
    return weft_session_run(session, function, inputs.data(), inputs.size(),
                            outputs.data(), outputs.size());
  }

  /// Runs and allocates the outputs.
  Result<std::vector<Tensor>> run(size_t function,
                                  const std::vector<weft_tensor> &inputs) {
    weft_function_info info = {};
    weft_status status = weft_program_get_function(
        weft_session_get_program(session), function, &info);
    if (!isOk(status))
      return status;
    std::vector<weft_tensor> views(info.output_count);
    status =
        weft_session_infer_outputs(session, function, inputs.data(),
                                   inputs.size(), views.data(), views.size());
    if (!isOk(status))
      return status;
    std::vector<Tensor> outputs;
    for (weft_tensor &shape : views) {
      Result<Tensor> tensor = Tensor::allocate(shape);
      if (!tensor)
        return tensor.status();
      shape = tensor->get();
      outputs.push_back(std::move(*tensor));
    }
    status = run(function, inputs, views);
    if (!isOk(status))
      return status;
    return outputs;
  }

  int64_t position() const { return weft_session_get_position(session); }
  int64_t capacity() const { return weft_session_get_capacity(session); }
  int64_t callLimit() const { return weft_session_get_call_limit(session); }
  int32_t threads() const { return weft_session_get_threads(session); }
  [[nodiscard]] weft_status reset() { return weft_session_reset(session); }
  [[nodiscard]] weft_status rollback(int64_t position) {
    return weft_session_rollback(session, position);
  }
  Result<Session> fork() {
    weft_session *copy = nullptr;
    weft_status status = weft_session_fork(session, &copy);
    return isOk(status) ? Result<Session>(Session(copy)) : status;
  }
  [[nodiscard]] weft_status assign(const Session &source) {
    return weft_session_assign(session, source.session);
  }
  Result<std::vector<unsigned char>> saveState() const {
    size_t bytes = 0;
    weft_status status = weft_session_get_state_size(session, &bytes);
    if (!isOk(status))
      return status;
    std::vector<unsigned char> saved(bytes);
    status = weft_session_save_state(session, saved.data(), bytes);
    if (!isOk(status))
      return status;
    return saved;
  }
  [[nodiscard]] weft_status loadState(const std::vector<unsigned char> &saved) {
    return weft_session_load_state(session, saved.data(), saved.size());
  }

private:
  explicit Session(weft_session *session) : session(session) {}
  weft_session *session;
};

} // namespace weft

#endif // WEFT_WEFT_HPP
