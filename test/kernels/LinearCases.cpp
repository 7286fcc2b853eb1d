//===- LinearCases.cpp - Cases of family linear ---------------------------===//

#include "passes/lower/Granularity.h"
#include "test/kernels/PackedWeights.h"
#include <algorithm>
#include <cmath>

using namespace weft::test;

namespace {
struct Linear {
  std::string storage;
  int64_t m, k, n;
  std::string element = "plain"; ///< plain, bias, residual, gated
  bool fixedRows = false;        ///< M is part of the type.
  int64_t rowsPerTask = 0;       ///< 0: what models have.
  int64_t panelsPerTask = 4;
  std::string precision = "f32";
  bool exact = true;     ///< With int8: codes are what is multiplied.
  bool tiledIn = false;  ///< The input stands in tiles of bf16 (RowTiles.h),
  bool tiledOut = false; ///< the result does.
  bool bytesIn = false;  ///< The input stands in tiles of bytes (ByteTiles.h).
};
} // namespace

static std::string str(int64_t value) { return std::to_string(value); }

static std::string getElement(const Linear &l) {
  if (l.element == "bias")
    return " element {^bb0(%a: f32, %b: f32): %0 = arith.addf %a, %b : f32 "
           "weft.yield %0 : f32}";
  if (l.element == "residual")
    return " element {^bb0(%a: f32, %b: f32, %r: f32): %0 = arith.addf %a, %b "
           ": f32 %1 = arith.addf %0, %r : f32 weft.yield %1 : f32}";
  if (l.element == "gated")
    return " element {^bb0(%g: f32, %u: f32): %0 = arith.negf %g : f32 "
           "%1 = math.exp %0 : f32 %one = arith.constant 1.0 : f32 "
           "%2 = arith.addf %1, %one : f32 %3 = arith.divf %g, %2 : f32 "
           "%4 = arith.mulf %3, %u : f32 weft.yield %4 : f32}";
  return "";
}

/// Numbers of a row as int8 takes them: codes, and what they count.
static float roundRow(const float *x, int64_t k, int *codes) {
  float most = 0;
  for (int64_t i = 0; i < k; ++i)
    most = std::max(most, std::abs(x[i]));
  float inverse = 127 / most;
  for (int64_t i = 0; i < k; ++i)
    codes[i] = std::lrint(double(x[i]) * inverse);
  return most * (1.0f / 127);
}

static int multiplyIntegers(const int *x, const int *y, int64_t k) {
  int sum = 0;
  for (int64_t i = 0; i < k; ++i)
    sum += x[i] * y[i];
  return sum;
}

/// Row `row` of a product of integers in groups, as rounded f32.
static std::vector<float> multiplyGroups(const PackedWeights &w, const float *x,
                                         int64_t k) {
  constexpr int64_t kShared = 32; // numbers of a row with one scale
  std::vector<int> codes(k);
  std::vector<float> rowScales;
  for (int64_t i = 0; i < k; i += kShared)
    rowScales.push_back(roundRow(x + i, kShared, &codes[i]));
  const std::vector<int> ones(w.group, 1);
  const int64_t groups = k / w.group;
  std::vector<float> result;
  for (size_t j = 0; j < w.codes.size() / k; ++j) {
    float sum = 0;
    for (int64_t g = 0; g < groups; ++g) {
      const int *row = &codes[g * w.group];
      float part =
          w.scales[j * groups + g] *
          float(multiplyIntegers(row, &w.codes[j * k + g * w.group], w.group));
      if (!w.minima.empty())
        part =
            std::fma(w.minima[j * groups + g],
                     float(multiplyIntegers(row, ones.data(), w.group)), part);
      sum = std::fma(rowScales[g * w.group / kShared], part, sum);
    }
    result.push_back(sum);
  }
  return result;
}

/// Row `row` of a product of integers, as rounded f32.
static std::vector<float> multiplyCodes(const PackedWeights &w, const float *x,
                                        int64_t k) {
  if (w.group)
    return multiplyGroups(w, x, k);
  std::vector<int> codes(k);
  float scale = roundRow(x, k, codes.data());
  std::vector<float> result;
  for (size_t j = 0; j < w.scales.size(); ++j)
    result.push_back(float(multiplyIntegers(codes.data(), &w.codes[j * k], k)) *
                     scale * w.scales[j]);
  return result;
}

/// Rows of a task, and of tasks that are taken at once: as in models.
struct RowCut {
  int64_t perTask, atOnce;
};
static RowCut getRowCut(const Linear &l) {
  if (l.rowsPerTask)
    return {l.rowsPerTask, 2 * l.rowsPerTask};
  bool isGroups = l.precision == "int8" && l.storage[0] == 'q';
  if (l.precision == "f32" || l.precision == "f64" || isGroups ||
      (l.m == 1 && !l.tiledIn && !l.bytesIn)) {
    int64_t rows = weft::granularity::getLinearRows(l.k);
    return {rows, rows};
  }
  int64_t bytes = l.precision == "split" ? 4 : l.precision == "bf16" ? 2 : 1;
  return {weft::granularity::getTileRowsPerTask(bytes * l.k, bytes == 1),
          weft::granularity::getTileRows(bytes * l.k)};
}

/// Products of a matrix unit for each of numbers.
static int getTileProducts(const Linear &l) {
  if (l.precision == "f64" || l.precision == "f32")
    return 0;
  return l.precision == "split" ? 3 : 1;
}

/// To the nearest, ties to even.
static float roundToBf16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits += 0x7FFF + (bits >> 16 & 1);
  bits &= 0xFFFF0000;
  std::memcpy(&x, &bits, sizeof bits);
  return x;
}

/// Rows of f32 in tiles. Rows beyond the last are no numbers.
static Operand makeTiles(const std::vector<float> &rows, int64_t m, int64_t k) {
  int64_t steps = (k + 31) / 32;
  std::vector<int64_t> shape = {(m + 15) / 16, steps, 16, 32};
  std::vector<uint16_t> words(getSize(shape), 0xFFFF);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < 32 * steps; ++j) {
      float number = j < k ? rows[i * k + j] : 0;
      uint32_t bits;
      std::memcpy(&bits, &number, sizeof bits);
      words[((i / 16 * steps + j / 32) * 16 + i % 16) * 32 + j % 32] =
          bits >> 16;
    }
  return makeInput(shape, words);
}

static std::string getTilesType(int64_t columns) {
  return "memref<?x" + str((columns + 31) / 32) + "x16x32xbf16>";
}

/// Bytes of 16 rows in tiles of codes.
static int64_t getBlockBytes(int64_t k) { return (k + 63) / 64 * 1024 + 64; }

/// Rows of f32 in tiles of bytes. Rows beyond the last are anything.
static Operand makeByteTiles(const std::vector<float> &rows, int64_t m,
                             int64_t k) {
  int64_t blocks = (m + 15) / 16, bytes = getBlockBytes(k);
  std::vector<int8_t> all(blocks * bytes, 0x7F);
  for (int64_t i = 0; i < m; ++i) {
    std::vector<int> codes(k);
    float scale = roundRow(&rows[i * k], k, codes.data());
    codes.resize((k + 63) / 64 * 64);
    int8_t *block = &all[i / 16 * bytes];
    for (size_t j = 0; j < codes.size(); ++j)
      block[j / 64 * 1024 + i % 16 * 64 + j % 64] = codes[j];
    std::memcpy(block + bytes - 64 + i % 16 * 4, &scale, sizeof scale);
  }
  return makeInput({blocks, bytes}, all);
}

/// `expected` of rows as that of tiles.
static std::vector<double> toTiles(const std::vector<double> &rows, int64_t m,
                                   int64_t n) {
  int64_t steps = (n + 31) / 32;
  std::vector<double> tiles((m + 15) / 16 * steps * 512, NAN);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < 32 * steps; ++j)
      tiles[((i / 16 * steps + j / 32) * 16 + i % 16) * 32 + j % 32] =
          j < n ? rows[i * n + j] : 0;
  return tiles;
}

static KernelCase makeCase(const Linear &l) {
  Random random(l.m * 7 + l.k + l.n);
  int products = l.element == "gated" ? 2 : 1;
  std::vector<std::shared_ptr<PackedWeights>> weights;
  KernelCase c;
  std::string rows = l.fixedRows ? str(l.m) : "?", layouts, types;
  c.operands.push_back(makeRandom(random, {l.m, l.k}));
  types = "memref<" + rows + "x" + str(l.k) + "xf32>";
  auto input = std::make_shared<std::vector<float>>(
      c.operands[0].as<float>(), c.operands[0].as<float>() + l.m * l.k);
  if (l.tiledIn) {
    for (float &x : *input)
      x = roundToBf16(x);
    c.operands[0] = makeTiles(*input, l.m, l.k);
    types = getTilesType(l.k);
  }
  if (l.bytesIn) {
    c.operands[0] = makeByteTiles(*input, l.m, l.k);
    types = "memref<?x" + str(getBlockBytes(l.k)) + "xi8>";
  }
  for (int p = 0; p < products; ++p) {
    weights.push_back(std::make_shared<PackedWeights>(
        random, l.storage, l.n, l.k, 1 / std::sqrt(double(l.k))));
    int64_t size = weights[p]->bytes.size();
    c.operands.push_back(makeInput({size}, weights[p]->bytes));
    layouts += (p ? ", " : "") + weights[p]->layout;
    types += ", memref<" + str(size) + "xi8>";
    c.bytes += size;
  }
  bool bias = l.element == "bias" || l.element == "residual";
  if (bias) {
    c.operands.push_back(makeRandom(random, {l.n}));
    types += ", memref<" + str(l.n) + "xf32>";
  }
  std::string outType = "memref<" + rows + "x" + str(l.n) + "xf32>";
  if (l.element == "residual") {
    c.operands.push_back(makeRandom(random, {l.m, l.n}));
    types += ", " + outType;
  }
  c.operands.push_back(makeOutput({l.m, l.n}));
  if (l.tiledOut)
    c.operands.back() = makeOutput({(l.m + 15) / 16, (l.n + 31) / 32, 16, 32});
  types += ", " + (l.tiledOut ? getTilesType(l.n) : outType);
  auto [perTask, atOnce] = getRowCut(l);
  int64_t groups = ((l.n + 47) / 48 + l.panelsPerTask - 1) / l.panelsPerTask;
  c.kernel =
      "program.kernel @linear family \"linear\" config {k = " + str(l.k) +
      ", n = " + str(l.n) + ", layouts = [" + layouts +
      "], rows_per_task = " + str(perTask) + ", rows_at_once = " + str(atOnce) +
      ", panels_per_task = " + str(l.panelsPerTask) + ", precision = \"" +
      l.precision + "\"} tasks affine_map<()[m] -> (m ceildiv " + str(perTask) +
      " * " + str(groups) + ")> operands [" + types + "] scalars 1" +
      getElement(l);
  c.scalars = {l.m};
  // Six deviations of the rounding error of K sums in sequence, u sqrt(K / 6)
  // with u = 2^-24; twice for a product of two such sums.
  c.tolerance = products * 6 * std::ldexp(1, -24) * std::sqrt(l.k / 6.0) + 2e-7;
  // The result is rounded, and the residual is added to it.
  if (l.precision == "f64")
    c.tolerance = l.element == "plain" ? std::ldexp(1, -24) : 2e-7;
  // Six deviations of products of rounded factors, see
  // passes/lower/linear/Precision.cpp. An error of one sum grows with the other
  // where two are multiplied, to three times as much.
  if (l.precision == "int8")
    // Exact but for exp in f32; else six deviations.
    c.tolerance = l.exact         ? (products == 2 ? 2e-6 : 0)
                  : products == 2 ? 18 * 1.1e-2
                                  : 6 * 1.1e-2;
  else if (l.precision == "split" || l.precision == "bf16")
    c.tolerance += (products == 2 ? 3 : 1) * 6 *
                   (l.precision == "bf16" ? 2.35e-3 : 4.8e-6);
  bool isExact = l.precision == "int8" && l.exact;
  if (l.tiledOut && !isExact)
    c.tolerance += std::ldexp(1, -9);
  else if (l.tiledOut && products == 2) // exp is on one side of a tie or not
    c.tolerance += std::ldexp(1, -7);
  c.flops = 2.0 * products * l.m * l.k * l.n;
  c.tileProducts = getTileProducts(l);
  c.hasBytes = l.precision == "int8";
  c.pooled = 1;
  c.reference = [l, weights, bias, input, isExact](KernelCase &c) {
    const float *x = input->data();
    size_t firstExtra = 1 + weights.size();
    std::vector<double> acc(weights.size());
    std::vector<std::vector<float>> rows(weights.size());
    for (int64_t i = 0; i < l.m; ++i) {
      for (size_t p = 0; isExact && p < weights.size(); ++p)
        rows[p] = multiplyCodes(*weights[p], x + i * l.k, l.k);
      for (int64_t j = 0; j < l.n; ++j) {
        for (size_t p = 0; p < weights.size(); ++p) {
          acc[p] = isExact ? rows[p][j] : 0;
          if (isExact)
            continue;
          for (int64_t k = 0; k < l.k; ++k)
            acc[p] += x[i * l.k + k] * weights[p]->dense[j * l.k + k];
        }
        double y = acc[0];
        auto add = [&](float number) {
          y = isExact ? float(y) + number : y + number;
        };
        if (bias)
          add(c.operands[firstExtra].as<float>()[j]);
        if (l.element == "residual")
          add(c.operands[firstExtra + 1].as<float>()[i * l.n + j]);
        if (l.element == "gated")
          y = y / (1 + std::exp(-y)) * acc[1];
        c.operands.back().expected.push_back(
            isExact && l.tiledOut ? roundToBf16(y) : y);
      }
    }
    if (l.tiledOut)
      c.operands.back().expected =
          toTiles(c.operands.back().expected, l.m, l.n);
  };
  return c;
}

static void add(std::vector<CaseEntry> &cases, Linear l, bool fast) {
  std::string precision = l.precision == "f32" ? "" : l.precision + "-";
  if (!l.exact)
    precision += "error-";
  if (l.tiledIn)
    precision += "in-";
  if (l.bytesIn)
    precision += "bytes-";
  if (l.tiledOut)
    precision += "out-";
  std::string storage = l.storage.substr(0, l.storage.find(' '));
  std::string name = "linear/" + precision + storage + "-" + l.element + "-" +
                     str(l.m) + (l.fixedRows ? "!" : "") + "x" + str(l.k) +
                     "x" + str(l.n);
  cases.push_back({name, fast, [l] { return makeCase(l); }});
}

/// `l` in the sizes of SmolLM2-135M and BERT-base, to be timed.
static void addModelShapes(std::vector<CaseEntry> &cases, Linear l) {
  auto addOne = [&](int64_t k, int64_t n, const char *element) {
    l.k = k, l.n = n, l.element = element;
    add(cases, l, false);
  };
  addOne(576, 960, "plain");
  addOne(576, 1536, "gated");
  addOne(1536, 576, "plain");
  addOne(768, 768, "plain");
  addOne(768, 3072, "plain");
  addOne(3072, 768, "plain");
}

static void addCases(std::vector<CaseEntry> &cases) {
  // Odd shapes, every storage, few and many rows.
  const char *storages[] = {"f32",  "f16",  "bf16", "q8_0", "q4_0",
                            "q4_1", "q5_0", "q5_1", "q4_k", "q6_k"};
  for (const char *storage : storages) {
    add(cases, {storage, 1, 256, 100, "bias", true}, true);
    add(cases, {storage, 13, 256, 100, "bias", false, 8, 2}, true);
  }
  for (int64_t m : {1, 2, 3, 4, 5, 7, 9, 31}) {
    add(cases, {"f32", m, 37, 50, "residual"}, true);
    add(cases, {"q4_1", m, 64, 96, "gated"}, true);
  }
  for (int64_t m : {2, 3, 4})
    add(cases, {"q4_1", m, 64, 96, "residual", true}, true);
  add(cases, {"f32", 1, 37, 50, "gated", true}, true);

  // More than one part of K, with rows that tiles share.
  for (const char *storage : {"f32", "bf16", "q8_0", "q4_k", "q6_k"})
    add(cases, {storage, 11, 1280, 50, "residual"}, true);
  add(cases, {"q4_1", 11, 1056, 50, "gated"}, true);
  add(cases, {"f32", 1, 1100, 50, "plain", true}, true);
  // Sums in double: one row and some, blocks, more than one part of K.
  for (const char *storage : {"f32", "q4_1"})
    for (int64_t m : {1, 2, 11, 40}) {
      Linear l = {storage, m, 1056, 50, m == 11 ? "plain" : "gated", m == 1};
      l.precision = "f64";
      add(cases, l, true);
    }
  // Products of bf16 parts: rows around the tiles' 16 and 32, blocks of rows, K
  // and N that fill no tile.
  for (std::string precision : {"bf16", "split"})
    for (std::string storage :
         {precision + " tiles", std::string("q4_1"), std::string("q8_0"),
          std::string("q5_0"), std::string("q4_k"), std::string("q6_k")}) {
      int64_t k = storage[0] == 'q' ? 256 : 37;
      auto addOne = [&](int64_t m, int64_t n, const char *element, bool fixed,
                        int64_t rowsPerTask = 0) {
        Linear l = {storage, m, k, n, element, fixed, rowsPerTask, 2};
        l.precision = precision;
        add(cases, l, true);
      };
      addOne(1, 100, "bias", true);
      addOne(1, 100, "bias", false);
      addOne(5, 50, "gated", false);
      addOne(16, 32, "plain", false);
      addOne(17, 100, "residual", false);
      addOne(49, 200, "gated", false, 32);
      addOne(145, 100, "plain", false, 32);
    }
  // Rows in tiles: those of a launch of one row, at the edges of blocks, K and
  // N that fill no tile.
  for (std::string storage : {"bf16 tiles", "q4_1"})
    for (bool tiledIn : {true, false})
      for (bool tiledOut : {true, false}) {
        if (!tiledIn && !tiledOut)
          continue;
        auto addOne = [&](int64_t m, int64_t n, const char *element,
                          int64_t rowsPerTask = 0) {
          Linear l = {storage,     m,       storage[0] == 'q' ? 256 : 37,
                      n,           element, false,
                      rowsPerTask, 2};
          l.precision = "bf16";
          l.tiledIn = tiledIn, l.tiledOut = tiledOut;
          add(cases, l, true);
        };
        addOne(1, 100, "bias");
        addOne(3, 96, "plain");
        addOne(17, 100, "residual");
        addOne(49, 200, "gated", 32);
        addOne(80, 64, "gated", 32);
        addOne(145, 100, "plain", 32);
        addOne(33, 70, "bias");
      }
  // Parts of K, the last of which is short.
  for (std::string precision : {"bf16", "split", "int8"}) {
    int64_t k = precision == "int8" ? 2350 : 1180; // 37 tiles
    Linear l = {precision + " tiles", 49, k, 50, "gated", false, 32, 2};
    l.precision = precision;
    add(cases, l, true);
  }
  // Products of integers: the same bits at all levels.
  auto addCodes = [&](int64_t m, int64_t k, int64_t n, const char *element,
                      bool fixed, int64_t rowsPerTask = 0, bool exact = true) {
    Linear l = {"int8 tiles", m, k, n, element, fixed, rowsPerTask, 2};
    l.precision = "int8";
    l.exact = exact;
    add(cases, l, true);
  };
  for (bool fixed : {true, false}) {
    addCodes(1, 37, 100, "bias", fixed);
    addCodes(5, 130, 50, "plain", fixed);
    addCodes(33, 64, 96, "residual", fixed);
  }
  addCodes(16, 300, 32, "plain", false);
  addCodes(17, 70, 100, "residual", false);
  addCodes(49, 37, 200, "gated", false, 32);
  addCodes(70, 40, 240, "plain", false, 32);
  addCodes(24, 1024, 48, "plain", false, 0, false);
  // Rows in tiles of bytes or of bf16, results in tiles of bf16.
  for (bool bytesIn : {true, false})
    for (bool tiledOut : {true, false}) {
      auto addOne = [&](int64_t m, int64_t k, int64_t n, const char *element,
                        int64_t rowsPerTask = 0) {
        Linear l = {"int8 tiles", m, k, n, element, false, rowsPerTask, 2};
        l.precision = "int8";
        l.bytesIn = bytesIn, l.tiledIn = !bytesIn, l.tiledOut = tiledOut;
        add(cases, l, true);
      };
      addOne(1, 70, 100, "bias");
      addOne(17, 70, 100, "residual");
      addOne(33, 130, 70, "bias");
      addOne(49, 37, 200, "gated", 32);
      addOne(80, 200, 64, "plain", 32);
    }
  // In groups: with minima and without, all widths of codes, parts of K, tiles
  // that share rows, blocks of rows.
  for (const char *storage :
       {"q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_k", "q6_k"}) {
    auto addGroups = [&](int64_t m, int64_t k, int64_t n, const char *element,
                         bool fixed, int64_t rowsPerTask = 0,
                         bool exact = true) {
      Linear l = {storage, m, k, n, element, fixed, rowsPerTask, 2};
      l.precision = "int8";
      l.exact = exact;
      add(cases, l, true);
    };
    addGroups(1, 256, 100, "bias", true);
    addGroups(1, 1280, 100, "plain", false);
    addGroups(3, 256, 50, "gated", false);
    addGroups(4, 512, 96, "residual", true);
    addGroups(5, 1280, 100, "plain", false);
    addGroups(9, 512, 50, "residual", false, 0);
    addGroups(21, 512, 200, "gated", false, 8);
    addGroups(24, 1024, 48, "plain", false, 0, false);
  }

  // SmolLM2-135M and MiniLM-L6.
  for (const char *storage : {"f32", "q4_1", "q8_0"}) {
    for (int64_t m : {1, 2, 7, 16, 77, 128, 512}) {
      bool fixed = m == 1;
      add(cases, {storage, m, 576, 960, "plain", fixed}, false);
      add(cases, {storage, m, 576, 1536, "gated", fixed}, false);
      add(cases, {storage, m, 1536, 576, "plain", fixed}, false);
    }
    for (int64_t m : {1, 2, 3, 4, 5, 6, 8, 9, 12, 17, 24, 31, 32})
      add(cases, {storage, m, 576, 1536, "plain"}, false);
  }
  for (const char *precision : {"bf16", "split"})
    for (std::string storage : {std::string(precision) + " tiles",
                                std::string("q4_1"), std::string("q8_0")})
      for (int64_t m : {1, 2, 16, 64, 77, 128, 512}) {
        Linear l = {storage, m, 0, 0, "", m == 1};
        l.precision = precision;
        addModelShapes(cases, l);
      }
  for (std::string storage : {"bf16 tiles", "q4_1"})
    for (bool tiledOut : {false, true})
      for (int64_t m : {32, 64, 128, 512}) {
        Linear l = {storage, m, 0, 0};
        l.precision = "bf16";
        l.tiledIn = true, l.tiledOut = tiledOut;
        addModelShapes(cases, l);
      }
  for (int64_t m : {1, 2, 4, 5, 8, 16, 32, 64, 77, 128, 512})
    for (auto [k, n] : {std::pair<int64_t, int64_t>{576, 960},
                        {1536, 576},
                        {576, 1536},
                        {768, 768},
                        {768, 3072},
                        {3072, 768}}) {
      for (const char *storage : {"int8 tiles", "q8_0", "q4_1", "q4_0"}) {
        Linear l = {storage, m, k, n, "plain", m == 1};
        l.precision = "int8";
        add(cases, l, false);
      }
    }
  for (int64_t m : {128, 512})
    for (bool tiledOut : {false, true})
      for (bool bytesIn : {false, true}) {
        Linear l = {"int8 tiles", m, 576, 1536, "plain"};
        l.precision = "int8";
        l.bytesIn = bytesIn, l.tiledIn = !bytesIn, l.tiledOut = tiledOut;
        add(cases, l, false);
        addModelShapes(cases, l);
      }
  for (int64_t m : {16, 77, 128, 512}) {
    add(cases, {"f32", m, 384, 1536, "bias"}, false);
    add(cases, {"f32", m, 1536, 384, "residual"}, false);
    add(cases, {"f32", m, 384, 1152, "bias"}, false);
    add(cases, {"f32", m, 768, 3072, "bias"}, false);
    add(cases, {"f32", m, 3072, 768, "residual"}, false);
  }

  for (std::string precision : {"bf16", "split"})
    for (std::string storage : {"q4_k", "q6_k"}) {
      Linear l = {storage, 128, 2048, 2048, "plain"};
      l.precision = precision;
      add(cases, l, false);
    }

  // Decoding.
  for (const char *storage : storages) {
    add(cases, {storage, 1, 2048, 8192, "plain", true}, false);
    add(cases, {storage, 128, 2048, 2048, "plain"}, false);
  }
  add(cases, {"q8_0", 1, 576, 49152, "plain", true}, false);
  Linear codes = {"int8 tiles", 1, 2048, 8192, "plain", true};
  codes.precision = "int8";
  add(cases, codes, false);
}
static RegisterCases linear(addCases);
