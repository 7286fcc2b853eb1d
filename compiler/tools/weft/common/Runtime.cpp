//===- Runtime.cpp - The C API with owners and failures -------------------===//

#include "compiler/tools/weft/common/Runtime.h"
#include <charconv>

using namespace weft::cli;

int64_t weft::cli::toInteger(const std::string &text,
                             const std::string &place) {
  int64_t number = 0;
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end)
    throw Failure(place + ": expected a whole number but got '" + text + "'");
  return number;
}

std::optional<size_t> Function::findInput(const std::string &name) const {
  for (size_t i = 0; i != inputs.size(); ++i)
    if (inputs[i].name == name)
      return i;
  return std::nullopt;
}

Program::Program(const std::string &path, uint32_t loadFlags) : file(path) {
  weft_load_options options = {loadFlags, nullptr};
  weft_program *loaded = nullptr;
  check(weft_program_load_file(path.c_str(), &options, &loaded));
  program.reset(loaded);
}

weft_program_info Program::info() const {
  weft_program_info info;
  check(weft_program_get_info(get(), &info), file);
  return info;
}

static Port portOf(const weft_port_info &info) {
  return {info.name, info.dtype, {info.dims, info.dims + info.rank}, {}};
}

Function Program::function(size_t index) const {
  weft_function_info info;
  check(weft_program_get_function(get(), index, &info), file);
  Function function;
  function.index = index;
  function.name = info.name;
  function.hasState = info.has_state;
  weft_port_info port;
  for (size_t i = 0; i != info.input_count; ++i) {
    check(weft_program_get_input(get(), index, i, &port), file);
    function.inputs.push_back(portOf(port));
    std::string key = "default." + function.name + "." + port.name;
    if (std::optional<std::string> value = metadata(key.c_str()))
      function.inputs.back().fallback = toInteger(*value, file + ": " + key);
  }
  for (size_t i = 0; i != info.output_count; ++i) {
    check(weft_program_get_output(get(), index, i, &port), file);
    function.outputs.push_back(portOf(port));
  }
  function.symbols.resize(info.symbol_count);
  for (size_t i = 0; i != info.symbol_count; ++i)
    check(weft_program_get_symbol(get(), index, i, &function.symbols[i]), file);
  return function;
}

Function Program::function(const std::string &name) const {
  size_t index;
  check(weft_program_find_function(get(), name.c_str(), &index), file);
  return function(index);
}

bool Program::hasFunction(const std::string &name) const {
  size_t index;
  return weft_program_find_function(get(), name.c_str(), &index).code ==
         WEFT_OK;
}

std::optional<std::string> Program::metadata(const char *key) const {
  const char *value = nullptr;
  check(weft_program_find_metadata(get(), key, &value), file);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Session::Session(const Program &program, const CommonOptions &common,
                 LaunchHook hook)
    : file(program.path()) {
  weft_session_options options;
  weft_session_options_init(&options);
  options.threads = common.threads;
  options.launch_hook = hook.function;
  options.launch_hook_user = hook.user;
  weft_session *created = nullptr;
  check(weft_session_create(program.get(), &options, &created), file);
  session.reset(created);
}

static std::vector<weft_tensor>
tensorsOf(const std::vector<const Array *> &arrays) {
  std::vector<weft_tensor> tensors;
  for (const Array *array : arrays)
    tensors.push_back(array->tensor());
  return tensors;
}

std::vector<Array> Session::run(const Function &function,
                                const std::vector<const Array *> &inputs) {
  std::vector<weft_tensor> in = tensorsOf(inputs);
  std::vector<weft_tensor> out(function.outputs.size());
  check(weft_session_infer_outputs(get(), function.index, in.data(), in.size(),
                                   out.data(), out.size()),
        file);
  std::vector<Array> results;
  for (const weft_tensor &tensor : out)
    results.emplace_back(tensor);
  run(function, inputs, results);
  return results;
}

void Session::run(const Function &function,
                  const std::vector<const Array *> &inputs,
                  const std::vector<Array> &results) {
  std::vector<weft_tensor> in = tensorsOf(inputs), out;
  for (const Array &result : results)
    out.push_back(result.tensor());
  check(weft_session_run(get(), function.index, in.data(), in.size(),
                         out.data(), out.size()),
        file);
}

void Session::reset() { check(weft_session_reset(get()), file); }

Session Session::fork() const {
  weft_session *copy = nullptr;
  check(weft_session_fork(get(), &copy), file);
  return Session(file, copy);
}

void Session::assign(const Session &source) {
  check(weft_session_assign(get(), source.get()), file);
}
