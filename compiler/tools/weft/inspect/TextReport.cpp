//===- TextReport.cpp - A report for people -------------------------------===//

#include "compiler/tools/weft/inspect/Reports.h"
#include <iostream>

using namespace weft::cli;

static std::string line(const Json &value) {
  if (value.is_string())
    return value.get<std::string>();
  if (!value.is_structured())
    return value.dump();
  std::string text;
  if (value.is_array() && (value.empty() || !value[0].is_object())) {
    for (const Json &element : value)
      text += (text.empty() ? "" : " x ") + line(element);
    return "[" + text + "]";
  }
  for (const auto &[key, element] : value.items())
    text += (text.empty() ? "" : ", ") + key + " " + line(element);
  return text;
}

/// Whether the values of an object fit on one line.
static bool isFlat(const Json &object) {
  for (const Json &value : object)
    if (value.is_object() ||
        (value.is_array() && !value.empty() && value[0].is_object()))
      return false;
  return true;
}

static void print(const Json &value, const std::string &indent) {
  for (const auto &[key, element] : value.items()) {
    std::cout << indent << (value.is_array() ? "-" : key + ":");
    bool nests = element.is_object() ? !(value.is_array() && isFlat(element))
                                     : element.is_array() && !element.empty() &&
                                           element[0].is_object();
    if (!nests) {
      std::cout << " " << line(element) << "\n";
      continue;
    }
    std::cout << "\n";
    print(element, indent + "  ");
  }
}

void weft::cli::printReport(const Json &report) {
  print(report, "");
  std::cout.flush();
}
