//===- Run.cpp - weft run: a function on arrays ---------------------------===//

#include "compiler/tools/weft/common/Files.h"
#include "compiler/tools/weft/measure/SampleInputs.h"
#include "compiler/tools/weft/verbs/Verbs.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace weft::cli;

namespace {
struct RunOptions {
  std::string file, function, outDir, loadState, saveState;
  std::vector<std::string> inputs; // NAME=FILE
};
} // namespace

/// The named function; without a name the only one, or `forward`.
static Function chooseFunction(const Program &program,
                               const std::string &name) {
  if (!name.empty())
    return program.function(name);
  if (program.info().function_count == 1)
    return program.function(size_t(0));
  return program.function("forward");
}

static std::string names(const std::vector<Port> &ports) {
  std::string text;
  for (const Port &port : ports)
    text += (text.empty() ? "" : ", ") + port.name;
  return text;
}

/// The value of each symbol of the function that the given arrays tell.
static std::vector<int64_t> symbolValues(const Function &function,
                                         const std::vector<Array> &arrays) {
  std::vector<int64_t> values(function.symbols.size(), 1);
  for (size_t i = 0; i != arrays.size(); ++i) {
    std::vector<int64_t> dims = arrays[i].dims();
    const std::vector<int64_t> &wanted = function.inputs[i].dims;
    for (size_t axis = 0; axis < std::min(dims.size(), wanted.size()); ++axis)
      if (wanted[axis] < 0)
        values[size_t(-1 - wanted[axis])] = dims[axis];
  }
  return values;
}

/// The input where it was not given: its fallback in the shape of the others.
static Array makeMissing(const Function &function, const Port &port,
                         const std::vector<int64_t> &symbols) {
  if (!port.fallback)
    throw Failure("function " + function.name + ": expected input " +
                  port.name + "; give -i " + port.name + "=FILE.npy");
  std::vector<int64_t> dims = port.dims;
  for (int64_t &dim : dims)
    if (dim < 0)
      dim = symbols[size_t(-1 - dim)];
  return makeFallback(port, dims);
}

/// Reads the arrays of all inputs, in their order.
static std::vector<Array> readInputs(const Function &function,
                                     const std::vector<std::string> &given) {
  std::vector<Array> arrays(function.inputs.size());
  std::vector<bool> isGiven(arrays.size());
  for (const std::string &text : given) {
    size_t equal = text.find('=');
    std::string name = text.substr(0, equal);
    auto input = function.findInput(name);
    if (!input)
      throw Failure("function " + function.name + ": expected an input of " +
                    names(function.inputs) + " but got " + name);
    arrays[*input] = readArray(text.substr(equal + 1));
    isGiven[*input] = true;
  }
  std::vector<int64_t> symbols = symbolValues(function, arrays);
  for (size_t i = 0; i != arrays.size(); ++i)
    if (!isGiven[i])
      arrays[i] = makeMissing(function, function.inputs[i], symbols);
  return arrays;
}

static void loadState(Session &session, const std::string &file) {
  std::string bytes = readFile(file);
  check(weft_session_load_state(session.get(), bytes.data(), bytes.size()),
        file);
}

static void saveState(Session &session, const std::string &file) {
  size_t bytes;
  check(weft_session_get_state_size(session.get(), &bytes), file);
  std::string buffer(bytes, '\0');
  check(weft_session_save_state(session.get(), buffer.data(), bytes), file);
  writeFile(file, {buffer});
}

static void writeResults(const Function &function,
                         const std::vector<Array> &results,
                         const std::string &dir) {
  if (std::error_code error = llvm::sys::fs::create_directories(dir))
    throw Failure(dir + ": " + error.message());
  for (size_t i = 0; i != results.size(); ++i) {
    std::string name = function.outputs[i].name;
    // A name from a file is no path.
    if (name.empty() || name.find('/') != std::string::npos)
      name = "out" + std::to_string(i);
    writeArray(dir + "/" + name + ".npy", results[i]);
  }
}

static void run(const RunOptions &options, const CommonOptions &common) {
  Program program(options.file);
  Function function = chooseFunction(program, options.function);
  std::vector<Array> arrays = readInputs(function, options.inputs);
  std::vector<const Array *> inputs;
  for (const Array &array : arrays)
    inputs.push_back(&array);
  Session session(program, common);
  if (!options.loadState.empty())
    loadState(session, options.loadState);
  std::vector<Array> results = session.run(function, inputs);
  if (!options.outDir.empty())
    writeResults(function, results, options.outDir);
  if (!options.saveState.empty())
    saveState(session, options.saveState);
}

void weft::cli::addRun(CLI::App &app, CommonOptions &common) {
  auto options = std::make_shared<RunOptions>();
  CLI::App *verb =
      addVerb(app, "run", "Run a function on NumPy arrays",
              "weft run model.weft -i input_ids=ids.npy -O results", common);
  addArtifact(verb, options->file);
  verb->add_option("--function", options->function,
                   "Function to run (default: the only one, or forward)")
      ->type_name("NAME");
  verb->add_option("-i,--input", options->inputs,
                   "An input from a .npy file; \"-\" is standard input")
      ->type_name("NAME=FILE")
      ->check([](const std::string &text) {
        return text.find('=') == std::string::npos
                   ? "expected NAME=FILE but got " + text
                   : std::string();
      });
  verb->add_option("-O,--out-dir", options->outDir,
                   "Folder for the results, each as NAME.npy")
      ->type_name("DIR");
  verb->add_option("--load-state", options->loadState,
                   "Start from a saved session")
      ->type_name("FILE");
  verb->add_option("--save-state", options->saveState,
                   "Save the session afterwards")
      ->type_name("FILE");
  addThreads(verb, common);
  verb->callback([options, &common] { run(*options, common); });
}
