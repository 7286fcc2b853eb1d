//===- Driver.h - From a path to a compiled file ----------------*- C++ -*-===//
//
// What `weft compile` does, for a caller that knows nothing of MLIR. Nothing
// throws and nothing is printed: all that is to be said goes to the caller.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_COMPILER_DRIVER_DRIVER_H
#define WEFT_COMPILER_DRIVER_DRIVER_H

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace weft {

enum class Severity { Error, Warning };

struct DriverOptions {
  /// A Hugging Face folder, a .gguf, .onnx or .mlir file; `params` is the
  /// safetensors file of the latter.
  std::string source, params;
  /// Files of NumPy arrays for inputs of an .onnx file that are known when it
  /// is compiled, by name.
  std::map<std::string, std::string> fixed;
  /// "-": standard output.
  std::string output;
  /// As the command line takes them.
  std::string mcpu = "native", emit = "artifact", precision = "f32",
              cache = "f32";
  /// Largest error of the results, against those of f32, that precision "auto"
  /// may make; where it is not measured, of a product of matrices.
  double tolerance = 1e-4;
  /// Measures it for a precision at a level on the model itself: the root of
  /// the mean square, relative. Asked only where this machine runs the best of
  /// the levels. May be null, and may give nothing.
  std::function<std::optional<double>(const std::string &precision,
                                      const std::string &level)>
      measureError;
  /// 0: what the model says.
  int64_t maxContext = 0;
  /// Most tokens of a prompt that are taken at once.
  int64_t maxPiece = 512;
  /// 0: one a core.
  unsigned threads = 0;
  /// The archive of the runtime, for a static library.
  std::string runtimeArchive;

  /// Takes messages, which say file, place, expected and found. Must be set.
  std::function<void(Severity, const std::string &message)> report;
  /// Told of each stage, and how much of it is done. May be null.
  std::function<void(const std::string &stage)> beginStage;
  std::function<void(size_t done, size_t all)> advance;
  /// Takes what the compiler chose where the user left it to choose. May be
  /// null.
  std::function<void(const std::string &line)> note;
  /// Takes a line for each op: the lowering taken, and why not another. Null:
  /// not asked for.
  std::function<void(const std::string &line)> explain;
};

/// Whether `emit` gives text, which may go to a terminal.
bool isTextForm(const std::string &emit);

/// Compiles. Returns whether the output was written; if not, an error was
/// reported.
bool compileFile(const DriverOptions &options);

} // namespace weft

#endif // WEFT_COMPILER_DRIVER_DRIVER_H
