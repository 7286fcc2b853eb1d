//===- PrecisionTrial.h - How exact a precision is on a model ---*- C++ -*-===//

#ifndef WEFT_TOOLS_WEFT_MEASURE_PRECISIONTRIAL_H
#define WEFT_TOOLS_WEFT_MEASURE_PRECISIONTRIAL_H

#include "compiler/driver/Driver.h"
#include "compiler/tools/weft/common/Runtime.h"

namespace weft::cli {

/// Compiles a model in several precisions and compares what it gives for the
/// same sample inputs. The files that this takes are gone with the trial.
class PrecisionTrial {
public:
  /// `options` are those of the compilation; what they report is kept to
  /// errors and stages.
  PrecisionTrial(const DriverOptions &options, const CommonOptions &common);
  ~PrecisionTrial();

  /// The difference of the results of `precision` at `level` to those of f32,
  /// root of the mean square, over that of f32's; nothing if there are no
  /// results of floats or the model does not compile, of which the caller will
  /// hear again.
  std::optional<double> measure(const std::string &precision,
                                const std::string &level);

private:
  /// The results in f32 of up to `kTokens` tokens, one after the other.
  std::optional<std::vector<float>> run(const std::string &precision,
                                        const std::string &level);

  static constexpr int64_t kTokens = 128;
  const DriverOptions &options;
  const CommonOptions &common;
  std::string folder;
  std::optional<std::vector<float>> exact;
};

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_MEASURE_PRECISIONTRIAL_H
