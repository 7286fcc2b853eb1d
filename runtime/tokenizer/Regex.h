//===- Regex.h - Patterns of tokenizer files --------------------*- C++ -*-===//
//
// Tokenizer files write patterns in the Ruby syntax of Oniguruma, on Unicode.
// They are run by PCRE2, just-in-time compiled and with limits. Where both
// differ the pattern is rewritten (white space, digits, dot over lines), and
// what cannot be rewritten (class intersection, nested classes) is an error.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_TOKENIZER_REGEX_H
#define WEFT_TOKENIZER_REGEX_H

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

struct TextRange {
  size_t begin, end;
};

/// Memory that matching needs; one a call, shared by all its patterns.
class RegexScratch {
public:
  RegexScratch();
  ~RegexScratch();
  RegexScratch(const RegexScratch &) = delete;
  RegexScratch &operator=(const RegexScratch &) = delete;

private:
  friend class Regex;
  struct Impl;
  std::unique_ptr<Impl> impl; // made by the first match
};

class Regex {
public:
  /// Null, with `error` set, if the pattern is wrong or unsupported.
  static std::unique_ptr<Regex> compile(std::string_view pattern,
                                        std::string &error);
  ~Regex();

  /// Appends every match in `subject`, valid UTF-8, from left to right without
  /// overlap; empty ones as well. False, with `error` set, past a limit.
  bool findAll(std::string_view subject, std::vector<TextRange> &matches,
               RegexScratch &scratch, std::string &error) const;

private:
  struct Impl;
  explicit Regex(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

/// The pattern as PCRE2 writes it. False with `error` set if it has no equal.
bool translatePattern(std::string_view pattern, std::string &result,
                      std::string &error);

} // namespace weft

#endif // WEFT_TOKENIZER_REGEX_H
