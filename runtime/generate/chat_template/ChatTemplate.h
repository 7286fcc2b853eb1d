//===- ChatTemplate.h - From messages to a prompt ---------------*- C++ -*-===//
//
// Chat models come with a template in the Jinja language that turns messages
// into the text they were trained on. This is an interpreter for what such
// templates use, with the settings and functions of `transformers`: block tags
// take the white space before them in their line and the line break after them;
// `raise_exception` and `strftime_now` are there; nothing can be changed but
// namespaces.
//
//   statements   if elif else, for else (filter, unpacking, loop.*, break,
//   continue),
//                set (also as block, and of namespaces), macro, call, filter,
//                raw, generation, comments
//   expressions  literals, names, attributes, indexing, slices, calls, filters,
//   tests,
//                arithmetic, ~, comparisons, in, and, or, not, x if y else z
//   filters      abs capitalize count default dictsort first float indent int
//   items
//                join last length list lower map max min reject rejectattr
//                replace reverse round safe select selectattr sort string sum
//                title tojson trim unique upper wordcount
//   tests        boolean callable defined divisibleby eq even false float ge gt
//   in
//                integer iterable le lower lt mapping ne none number odd
//                sequence string true undefined upper
//   functions    dict, namespace, range, raise_exception, strftime_now, and the
//   usual
//                methods of strings, dictionaries and lists
//
// Anything else is an error that names it: at parsing if the syntax is unknown
// (include, import, extends, block, recursive loops…), at rendering if a
// filter, test or method is. Templates come from model files, so they are not
// trusted: nesting, work and output are limited.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_GENERATE_CHATTEMPLATE_H
#define WEFT_GENERATE_CHATTEMPLATE_H

#include "runtime/generate/chat_template/Value.h"
#include <memory>

namespace weft {

struct ChatMessage {
  std::string role, content;
};

class ChatTemplate {
public:
  /// Null, with `error` set to "line N: …", if the source is wrong or
  /// unsupported.
  static std::unique_ptr<ChatTemplate> parse(std::string_view source,
                                             std::string &error);
  ~ChatTemplate();

  /// Renders with the members of `variables`, a map, as variables. May be
  /// called by many threads at once with different variables.
  bool render(const chat::Value &variables, std::string &text,
              std::string &error) const;

  /// Renders with what `transformers` gives: messages, add_generation_prompt,
  /// bos_token, eos_token, no tools and no documents.
  bool render(const std::vector<ChatMessage> &messages,
              bool addGenerationPrompt, const std::string &bosToken,
              const std::string &eosToken, std::string &text,
              std::string &error) const;

private:
  struct Impl;
  explicit ChatTemplate(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace weft

#endif // WEFT_GENERATE_CHATTEMPLATE_H
