//===- Regex.cpp - Patterns of tokenizer files ----------------------------===//

#include "runtime/tokenizer/Regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

using namespace weft;

// A match that needs more than these is refused, not waited for: steps of the
// backtracking, and memory of a match without just-in-time code.
static constexpr uint32_t kMatchLimit = 100u * 1000 * 1000;
static constexpr uint32_t kHeapLimitKiB = 512 * 1024;
static constexpr size_t kJitStackBytes = 16u << 20;

struct RegexScratch::Impl {
  pcre2_match_data *data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context *context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack *stack =
      pcre2_jit_stack_create(32 << 10, kJitStackBytes, nullptr);

  Impl() {
    if (!context)
      return;
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKiB);
    if (stack)
      pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~Impl() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
  }
};

RegexScratch::RegexScratch() = default;
RegexScratch::~RegexScratch() = default;

struct Regex::Impl {
  pcre2_code *code = nullptr;
  std::string pattern;
  ~Impl() { pcre2_code_free(code); }
};

Regex::Regex(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Regex::~Regex() = default;

static std::string message(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char *>(text);
}

std::unique_ptr<Regex> Regex::compile(std::string_view pattern,
                                      std::string &error) {
  std::string translated;
  if (!translatePattern(pattern, translated, error))
    return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->pattern = pattern;
  int code = 0;
  PCRE2_SIZE offset = 0;
  uint32_t options =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
  impl->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
                    translated.size(), options, &code, &offset, nullptr);
  if (!impl->code) {
    error = "cannot compile pattern '" + std::string(pattern) +
            "': " + message(code);
    return nullptr;
  }
  // Without just-in-time code (not built in, or no executable memory) it
  // interprets.
  pcre2_jit_compile(impl->code, PCRE2_JIT_COMPLETE);
  return std::unique_ptr<Regex>(new Regex(std::move(impl)));
}

bool Regex::findAll(std::string_view subject, std::vector<TextRange> &matches,
                    RegexScratch &scratch, std::string &error) const {
  if (!scratch.impl)
    scratch.impl = std::make_unique<RegexScratch::Impl>();
  auto *bytes = reinterpret_cast<PCRE2_SPTR>(subject.data());
  size_t at = 0, lastEnd = SIZE_MAX;
  while (at <= subject.size()) {
    uint32_t options = PCRE2_NO_UTF_CHECK;
    int found = pcre2_match(impl->code, bytes, subject.size(), at, options,
                            scratch.impl->data, scratch.impl->context);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT)
      found = pcre2_match(impl->code, bytes, subject.size(), at,
                          options | PCRE2_NO_JIT, scratch.impl->data,
                          scratch.impl->context);
    if (found == PCRE2_ERROR_NOMATCH)
      return true;
    if (found < 0) {
      error = "pattern '" + impl->pattern + "' fails: " + message(found);
      return false;
    }
    PCRE2_SIZE *place = pcre2_get_ovector_pointer(scratch.impl->data);
    TextRange match{place[0], place[1]};
    bool empty = match.begin >= match.end;
    // An empty match where the last one ended counts for nothing.
    if (!empty || match.end != lastEnd) {
      matches.push_back({match.begin, match.end});
      lastEnd = match.end;
    }
    at = match.end;
    if (empty)
      do
        ++at;
      while (at < subject.size() &&
             (static_cast<unsigned char>(subject[at]) & 0xC0) == 0x80);
  }
  return true;
}
