//===- Cases.cpp - The registry of cases ----------------------------------===//

#include "test/kernels/KernelCase.h"
#include <algorithm>

using namespace weft::test;

using AddCases = void (*)(std::vector<CaseEntry> &);

static std::vector<AddCases> &getSources() {
  static std::vector<AddCases> sources;
  return sources;
}

RegisterCases::RegisterCases(AddCases add) { getSources().push_back(add); }

std::vector<CaseEntry> weft::test::getCases() {
  std::vector<CaseEntry> cases;
  for (AddCases add : getSources())
    add(cases);
  std::stable_sort(cases.begin(), cases.end(),
                   [](const CaseEntry &a, const CaseEntry &b) {
                     return a.name.substr(0, a.name.find('/')) <
                            b.name.substr(0, b.name.find('/'));
                   });
  return cases;
}
