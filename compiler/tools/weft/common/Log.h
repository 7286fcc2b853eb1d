//===- Log.h - What a command says on standard error ------------*- C++ -*-===//
//
// Messages go to standard error. WEFT_LOG=error|warning|info|debug sets how
// much is said (default: warning); -v and -q go before it. Colours are used on
// a terminal unless NO_COLOR is set.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOOLS_WEFT_COMMON_LOG_H
#define WEFT_TOOLS_WEFT_COMMON_LOG_H

#include "compiler/tools/weft/common/Options.h"
#include <string>

namespace weft::cli {

enum class LogLevel { Error, Warning, Info, Debug };

/// How much to say, from the options and the environment.
LogLevel logLevel(const CommonOptions &options);

/// Prints "error: message" or "warning: message".
void printError(const std::string &message);
void printWarning(const std::string &message);

/// Tells on one line of a terminal what is being done; nothing elsewhere. With
/// Info, each stage stays as a line of its own, with its time.
class Progress {
public:
  explicit Progress(LogLevel level);
  ~Progress();

  /// A new stage begins.
  void begin(const std::string &stage);
  /// So much of the stage is done.
  void advance(size_t done, size_t all);

private:
  void endStage();
  void clearLine();

  bool keepsLines, isTerminal;
  std::string stage;
  double began = 0;
  int shownPercent = -1;
};

} // namespace weft::cli

#endif // WEFT_TOOLS_WEFT_COMMON_LOG_H
