//===- Runtime.h - The C API with owners and failures -----------*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_COMMON_RUNTIME_H
#define WEFT_TOOLS_WEFT_COMMON_RUNTIME_H

#include "compiler/tools/weft/common/Failure.h"
#include "compiler/tools/weft/common/Options.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// A tensor that owns its bytes, aligned to 64 and zero at first.
class Array {
public:
  Array() = default;
  Array(weft_dtype type, const std::vector<int64_t> &dims);
  /// The shape of `tensor`, whose data is left alone.
  explicit Array(const weft_tensor &tensor);

  const weft_tensor &tensor() const { return view; }
  weft_dtype type() const { return view.dtype; }
  std::vector<int64_t> dims() const;
  int64_t elements() const;
  size_t bytes() const { return size; }
  void *data() const { return view.data; }
  template <typename T> T *as() const { return static_cast<T *>(view.data); }

private:
  struct Free {
    void operator()(void *data) const;
  };
  weft_tensor view = {};
  size_t size = 0;
  std::unique_ptr<void, Free> memory;
};

/// "i64[1, 5]".
std::string describe(weft_dtype type, const std::vector<int64_t> &dims);

/// An input or output of a function.
struct Port {
  std::string name;
  weft_dtype type;
  std::vector<int64_t> dims;       // negative where dynamic, see weft_port_info
  std::optional<int64_t> fallback; // of every element, if it need not be given
};

struct Function {
  size_t index = 0;
  std::string name;
  std::vector<Port> inputs, outputs;
  std::vector<weft_symbol_info> symbols;
  bool hasState = false;

  /// The number of the input of that name, if there is one.
  std::optional<size_t> findInput(const std::string &name) const;
};

/// A loaded artifact. `path` stands in front of messages.
class Program {
public:
  Program(const std::string &path, uint32_t loadFlags = WEFT_LOAD_DEFAULT);

  const std::string &path() const { return file; }
  weft_program *get() const { return program.get(); }
  weft_program_info info() const;
  Function function(size_t index) const;
  /// The function of that name; fails with the names that there are.
  Function function(const std::string &name) const;
  bool hasFunction(const std::string &name) const;
  /// The value of a key of the metadata, if it is there.
  std::optional<std::string> metadata(const char *key) const;

private:
  struct Release {
    void operator()(weft_program *program) const {
      weft_program_release(program);
    }
  };
  std::string file;
  std::unique_ptr<weft_program, Release> program;
};

/// Called after each launch of a session.
struct LaunchHook {
  weft_launch_hook_fn function = nullptr;
  void *user = nullptr;
};

class Session {
public:
  Session(const Program &program, const CommonOptions &options,
          LaunchHook hook = {});

  weft_session *get() const { return session.get(); }
  int64_t position() const { return weft_session_get_position(get()); }
  int64_t capacity() const { return weft_session_get_capacity(get()); }
  int32_t threads() const { return weft_session_get_threads(get()); }
  /// Runs a function; the results are of the shapes that the inputs lead to.
  std::vector<Array> run(const Function &function,
                         const std::vector<const Array *> &inputs);
  /// Runs into results of an earlier run of the same shapes.
  void run(const Function &function, const std::vector<const Array *> &inputs,
           const std::vector<Array> &results);
  void reset();
  /// A session with a copy of the states.
  Session fork() const;
  void assign(const Session &source);

private:
  struct Release {
    void operator()(weft_session *session) const {
      weft_session_release(session);
    }
  };
  Session(std::string file, weft_session *session)
      : file(std::move(file)), session(session) {}

  std::string file;
  std::unique_ptr<weft_session, Release> session;
};

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_RUNTIME_H
