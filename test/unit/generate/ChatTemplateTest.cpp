//===- ChatTemplateTest.cpp - Templates render as Jinja renders them ------===//

#include "runtime/generate/chat_template/ChatTemplate.h"
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace weft;
using nlohmann::ordered_json;
using weft::chat::List;
using weft::chat::Map;
using weft::chat::None;
using weft::chat::Value;

static Value valueOf(const ordered_json &json) {
  if (json.is_null())
    return None{};
  if (json.is_boolean())
    return json.get<bool>();
  if (json.is_number_integer())
    return json.get<int64_t>();
  if (json.is_number())
    return json.get<double>();
  if (json.is_string())
    return json.get<std::string>();
  if (json.is_array()) {
    List list;
    for (const auto &item : json)
      list.push_back(valueOf(item));
    return list;
  }
  Map map;
  for (const auto &[key, item] : json.items())
    map.set(key, valueOf(item));
  return map;
}

static ordered_json goldenCases() {
  std::ifstream file(WEFT_TEST_GOLDEN "/chat_cases.json");
  return ordered_json::parse(file);
}

TEST(ChatTemplate, RendersAsJinjaDoes) {
  ordered_json golden = goldenCases();
  size_t rendered = 0, refused = 0;
  for (const auto &entry : golden["cases"]) {
    auto source =
        golden["templates"][entry[0].get<size_t>()].get<std::string>();
    const ordered_json &variables = golden["variables"][entry[1].get<size_t>()];
    std::string text, error;
    auto chat = ChatTemplate::parse(source, error);
    bool ok = chat && chat->render(valueOf(variables), text, error);
    if (entry[2].is_null()) {
      EXPECT_FALSE(ok) << source << "\n" << text;
      EXPECT_EQ(error.compare(0, 5, "line "), 0) << error;
      ++refused;
      continue;
    }
    EXPECT_TRUE(ok) << source << "\n" << error;
    EXPECT_EQ(text, entry[2].get<std::string>()) << source << "\n" << variables;
    ++rendered;
  }
  EXPECT_GT(rendered, 150u);
  EXPECT_GT(refused, 30u);
}

static std::string errorOf(const std::string &source) {
  std::string error, text;
  auto chat = ChatTemplate::parse(source, error);
  if (chat)
    chat->render(Map(), text, error);
  return error;
}

TEST(ChatTemplate, ErrorsNameThePlaceAndTheConstruct) {
  const char *const cases[][2] = {
      {"a\n{% include 'x' %}", "line 2: unsupported tag 'include'"},
      {"{% extends 'x' %}", "line 1: unsupported tag 'extends'"},
      {"{% block x %}{% endblock %}", "line 1: unsupported tag 'block'"},
      {"{% for x in [1] recursive %}{% endfor %}",
       "line 1: unsupported recursive loop"},
      {"\n\n{{ 1 | batch(2) }}", "line 3: unsupported filter 'batch'"},
      {"{{ 1 is sameas 1 }}", "line 1: unsupported test 'sameas'"},
      {"{{ 'a'.encode() }}", "line 1: unsupported method 'encode'"},
      {"{{ lipsum() }}", "line 1: unsupported function 'lipsum'"},
      {"{{ [1].append(2) }}", "line 1: unsupported method 'append'"},
      {"{{ f(*args) }}", "line 1: unsupported unpacking of arguments"},
      {"{{ '%s' % 1 }}",
       "line 1: unsupported operand types for %: str and int"},
      {"{% for x in [1] %}",
       "line 1: expected 'else' but got 'end of template'"},
      {"{{ x", "line 1: expected '}}' but got the end of the template"},
      {"{{ 1 2 }}", "line 1: expected '}}' but got '2'"},
      {"{# open", "line 1: the comment is not closed"},
      {"{{ $ }}", "line 1: unexpected character '$'"},
      {"{{ x.y }}", "line 1: 'x' is undefined"},
      {"{{ raise_exception('stop') }}", "line 1: the template refuses: stop"},
      {"{{ 9223372036854775807 + 1 }}",
       "line 1: the result of '+' does not fit 64 bits"},
      {"{{ 99999999999999999999 }}",
       "line 1: the number 99999999999999999999 does not fit 64 bits"},
  };
  for (const auto &entry : cases)
    EXPECT_EQ(errorOf(entry[0]), entry[1]);
}

// Templates come with models that nobody has read: none may hang or exhaust.
TEST(ChatTemplate, HostileTemplatesAreErrors) {
  auto times = [](const std::string &part, int n) {
    std::string text;
    for (int i = 0; i < n; ++i)
      text += part;
    return text;
  };
  const std::string templates[] = {
      "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% "
      "endfor %}",
      "{{ range(100000000) | list }}",
      "{{ 'a' * 100000000 }}",
      "{% set x = 'a' * 60000000 %}{{ x ~ x }}",
      "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = "
      "[ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
      "{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = "
      "[ns.l] %}{% endfor %}{{ ns.l }}",
      "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
      "{% set ns = namespace() %}{% set ns.a = [ns] %}{{ ns }}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{% macro f(n) %}{{ f(n + 1) }}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
      "{{ " + times("(", 100000) + "1" + times(")", 100000) + " }}",
      "{{ " + times("[", 100000) + " }}",
      "{{ " + times("-", 100000) + "1 }}",
      "{{ 1" + times("+1", 100000) + " }}",
      "{{ 1" + times("|abs", 100000) + " }}",
      "{{ a" + times(".a", 100000) + " }}",
      "{{ a" + times(" if a else b", 100000) + " }}",
      times("{% if 1 %}", 100000),
      "{% if 1 %}" + times("{% elif 1 %}", 100000) + "{% endif %}",
      "{{ 'ab' | replace('', 'x' * 30000000) }}",
  };
  for (const std::string &source : templates)
    EXPECT_NE(errorOf(source), "") << source.substr(0, 80);
  EXPECT_EQ(errorOf("{{ " + times("not ", 100000) + "1 }}"), "");
}

TEST(ChatTemplate, MutationsAreErrorsOrHarmless) {
  ordered_json golden = goldenCases();
  std::mt19937 engine(5);
  auto below = [&](size_t n) {
    return n ? static_cast<size_t>(engine()) % n : 0;
  };
  size_t parsed = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto &entry = golden["cases"][below(golden["cases"].size())];
    auto source =
        golden["templates"][entry[0].get<size_t>()].get<std::string>();
    for (size_t i = 0, n = 1 + below(3); i < n && !source.empty(); ++i) {
      size_t at = below(source.size());
      if (below(3) == 0)
        source.erase(at, 1 + below(10));
      else if (below(2))
        source[at] = "{}%#|.,()[]'\"-+*\\ \n"[below(19)];
      else
        source.insert(at, source.substr(below(source.size()), below(30)));
    }
    std::string text, error;
    auto chat = ChatTemplate::parse(source, error);
    EXPECT_EQ(chat != nullptr, error.empty());
    parsed += chat != nullptr;
    if (chat)
      chat->render(valueOf(golden["variables"][entry[1].get<size_t>()]), text,
                   error);
  }
  EXPECT_GT(parsed, 100u);
  EXPECT_LT(parsed, 1900u);
}

TEST(ChatTemplate, MessagesComeWithTheUsualVariables) {
  std::string error, text;
  auto chat = ChatTemplate::parse(
      "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m['content'] "
      "}}{{ eos_token }}"
      "{% endfor %}{% if tools is not none %}no{% endif %}"
      "{% if add_generation_prompt %}<assistant>{% endif %}",
      error);
  ASSERT_TRUE(chat) << error;
  ASSERT_TRUE(chat->render({{"system", "be"}, {"user", "hi"}}, true, "<s>",
                           "</s>", text, error));
  EXPECT_EQ(text, "<s><system>be</s><user>hi</s><assistant>");
}
