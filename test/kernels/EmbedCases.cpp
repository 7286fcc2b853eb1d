//===- EmbedCases.cpp - Cases of family embed -----------------------------===//

#include "test/kernels/PackedWeights.h"

using namespace weft::test;

static KernelCase makePanels(const std::string &storage, int64_t rows,
                             int64_t columns, int64_t tokens) {
  Random random(1);
  auto weights =
      std::make_shared<PackedWeights>(random, storage, rows, columns, 1.0);
  KernelCase c;
  std::vector<int32_t> ids(tokens);
  for (int32_t &id : ids)
    id = random() % (rows + 2) - 1; // some are outside
  c.kernel =
      "program.kernel @k family \"embed\" config {layout = " + weights->layout +
      ", rows = " + std::to_string(rows) + ", c = " + std::to_string(columns) +
      "} tasks affine_map<()[m] -> (m)> operands [memref<?xi32>, memref<" +
      std::to_string(weights->bytes.size()) + "xi8>, memref<?x" +
      std::to_string(columns) + "xf32>] scalars 1";
  c.operands = {makeInput({tokens}, ids),
                makeInput({int64_t(weights->bytes.size())}, weights->bytes),
                makeOutput({tokens, columns})};
  c.scalars = {tokens};
  // Two parts of eight bits leave half a unit of the second, 2^-17 of a number.
  c.tolerance = storage == "split tiles" ? std::ldexp(1, -17) : 1e-7;
  c.bytes = double(tokens) * columns * 4;
  c.reference = [weights, rows, columns, tokens](KernelCase &c) {
    const int32_t *ids = c.operands[0].as<int32_t>();
    for (int64_t t = 0; t < tokens; ++t)
      for (int64_t k = 0; k < columns; ++k)
        c.operands[2].expected.push_back(
            ids[t] >= 0 && ids[t] < rows ? weights->dense[ids[t] * columns + k]
                                         : 0);
  };
  return c;
}

static KernelCase makeRows(int64_t rows, int64_t columns, int64_t tokens) {
  Random random(2);
  KernelCase c;
  Operand table = makeRandom(random, {rows * columns});
  table.shape = {rows * columns * 4};
  std::vector<int64_t> ids(tokens);
  for (int64_t &id : ids)
    id = int64_t(random() % (rows + 2)) - 1;
  std::string shape = std::to_string(rows) + "x" + std::to_string(columns);
  c.kernel =
      "program.kernel @k family \"embed\" config {layout = "
      "#program.rows<tensor<" +
      shape + "xf32>>, rows = " + std::to_string(rows) +
      ", c = " + std::to_string(columns) +
      "} tasks affine_map<()[m] -> (m)> operands [memref<?xi64>, memref<" +
      std::to_string(rows * columns * 4) + "xi8>, memref<?x" +
      std::to_string(columns) + "xf32>] scalars 1";
  c.operands = {makeInput({tokens}, ids), table, makeOutput({tokens, columns})};
  c.scalars = {tokens};
  c.tolerance = 0;
  c.reference = [rows, columns, tokens](KernelCase &c) {
    const int64_t *ids = c.operands[0].as<int64_t>();
    for (int64_t t = 0; t < tokens; ++t)
      for (int64_t k = 0; k < columns; ++k)
        c.operands[2].expected.push_back(
            ids[t] >= 0 && ids[t] < rows
                ? c.operands[1].as<float>()[ids[t] * columns + k]
                : 0);
  };
  return c;
}

static void addCases(std::vector<CaseEntry> &cases) {
  cases.push_back(
      {"embed/rows-100x20", true, [] { return makeRows(100, 20, 9); }});
  for (const char *storage : {"f32", "f16", "bf16", "bf16 tiles", "split tiles",
                              "q8_0", "q4_0", "q4_1", "q5_0", "q5_1"})
    cases.push_back({std::string("embed/panels-") + storage + "-100x64", true,
                     [=] { return makePanels(storage, 100, 64, 9); }});
  for (const char *storage : {"q4_k", "q6_k"})
    cases.push_back({std::string("embed/panels-") + storage + "-100x512", true,
                     [=] { return makePanels(storage, 100, 512, 9); }});
  for (const char *storage : {"f32", "q4_1"})
    cases.push_back({std::string("embed/panels-") + storage + "-49152x576",
                     false,
                     [=] { return makePanels(storage, 49152, 576, 128); }});
}
static RegisterCases embed(addCases);
