//===- StopText.h - Ending a text at given strings --------------*- C++ -*-===//

#ifndef WEFT_GENERATE_STOPTEXT_H
#define WEFT_GENERATE_STOPTEXT_H

#include <string>
#include <string_view>
#include <vector>

namespace weft {

/// Passes text on up to the first of the strings. What may be the begin of one
/// of them is held back until that is decided.
class StopText {
public:
  explicit StopText(std::vector<std::string> strings);

  /// Takes more text and returns what can be passed on now.
  std::string put(std::string_view text);
  /// What was held back, once no more text comes.
  std::string finish();
  /// Whether one of the strings was found; then nothing more is passed on.
  bool stopped() const { return found; }

private:
  std::vector<std::string> strings;
  std::string held;
  bool found = false;
};

} // namespace weft

#endif // WEFT_GENERATE_STOPTEXT_H
