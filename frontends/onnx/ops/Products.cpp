//===- Products.cpp - Products of matrices and tensors --------------------===//

#include "frontends/onnx/ops/Products.h"

#include "dialects/weft/ops/WeftOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace weft;
using namespace weft::onnx;

/// Rows of x times a matrix of parameters, inputs x outputs: a linear layer.
static std::optional<Tensor> buildLinear(Node &n, const Tensor &x,
                                         const Tensor &weights) {
  if (!x.element.isF32() || !weights.element.isF32() || x.isParameter ||
      !weights.isParameter || weights.literal || weights.rank() != 2 ||
      x.rank() < 2 || !weights.sizes[0].asNumber() ||
      !weights.sizes[1].asNumber())
    return std::nullopt;
  GraphBuilder &g = n.g;
  Sizes sizes = x.sizes;
  sizes.back() = weights.sizes[1];
  // Outputs are rows of a linear's weights.
  Value rows = g.dense(g.transpose(weights, {1, 0}));
  Value y = LinearOp::create(g.b, getTensorType(sizes, x.element), g.dense(x),
                             rows, ValueRange());
  return g.wrap(y, sizes);
}

FailureOr<Tensor> weft::onnx::buildMatMul(Node &n, const Tensor &x,
                                          const Tensor &y) {
  GraphBuilder &g = n.g;
  if (x.rank() == 0 || y.rank() == 0)
    return n.fail("expected vectors or matrices but got " +
                  g.table.str(x.sizes) + " and " + g.table.str(y.sizes));
  const Size inner = x.sizes.back();
  if (inner != y.sizes[std::max<int64_t>(0, y.rank() - 2)])
    return n.fail("expected matrices that can be multiplied but got " +
                  g.table.str(x.sizes) + " and " + g.table.str(y.sizes));
  if (auto linear = buildLinear(n, x, y))
    return *linear;
  // Vectors as matrices, and their axes dropped in the end.
  Tensor a = x.rank() == 1 ? g.insertAxes(x, 0) : x;
  Tensor c = y.rank() == 1 ? g.insertAxes(y, 1) : y;
  Tensor batchesOfA, batchesOfC;
  batchesOfA.sizes = Sizes(ArrayRef(a.sizes).drop_back(2));
  batchesOfC.sizes = Sizes(ArrayRef(c.sizes).drop_back(2));
  FailureOr<Sizes> batches = g.getBroadcastSizes({batchesOfA, batchesOfC});
  if (failed(batches))
    return failure();
  const int64_t count = batches->size();
  Sizes loops = *batches, sizesOfA = *batches, sizesOfC = *batches;
  loops.append({a.sizes[a.rank() - 2], c.sizes.back(), inner});
  sizesOfA.append({a.sizes[a.rank() - 2], inner});
  sizesOfC.append({inner, c.sizes.back()});
  SmallVector<int64_t> kept, axesOfA, axesOfC;
  for (int64_t i = 0; i < count; ++i) {
    kept.push_back(i);
    axesOfA.push_back(i);
    axesOfC.push_back(i);
  }
  kept.append({count, count + 1});
  axesOfA.append({count, count + 2});
  axesOfC.append({count + 2, count + 1});
  const unsigned all = loops.size();
  Tensor result = g.contract(
      loops, kept, {g.broadcast(a, sizesOfA), g.broadcast(c, sizesOfC)},
      {g.mapOf(all, axesOfA), g.mapOf(all, axesOfC)}, x.element);
  if (y.rank() == 1)
    result = g.dropAxes(result, result.rank() - 1);
  if (x.rank() == 1)
    result = g.dropAxes(result, result.rank() - (y.rank() == 1 ? 1 : 2));
  return result;
}

static LogicalResult importMatMul(Node &n) {
  if (failed(n.expect(0, "number")) || failed(n.expectSameType(0, 1)))
    return failure();
  return n.finish(buildMatMul(n, n.input(0), n.input(1)));
}

static FailureOr<Tensor> scale(Node &n, const Tensor &x, double factor) {
  if (factor == 1)
    return x;
  if (!x.isFloat()) {
    if (factor != std::floor(factor))
      return n.fail("expected a whole number as factor of integers but got " +
                    Twine(std::to_string(factor)));
    return n.g.unary(x, x.element,
                     [&](BodyBuilder &b, ValueRange args) -> Value {
                       return arith::MulIOp::create(
                           b, args[0], buildNumber(b, x.element, factor));
                     });
  }
  return n.g.unary(x, x.element, [&](BodyBuilder &b, ValueRange args) -> Value {
    return arith::MulFOp::create(b, args[0],
                                 buildNumber(b, args[0].getType(), factor));
  });
}

static LogicalResult importGemm(Node &n) {
  if (failed(n.expect(0, "number")) || failed(n.expectSameType(0, 1)) ||
      failed(n.expectRank(0, 2, 2)) || failed(n.expectRank(1, 2, 2)))
    return failure();
  const double alpha = n.getFloat("alpha", 1), beta = n.getFloat("beta", 1);
  Tensor a = n.input(0), c = n.input(1);
  if (n.getFlag("transA"))
    a = n.g.transpose(a, {1, 0});
  if (n.getFlag("transB"))
    c = n.g.transpose(c, {1, 0});
  FailureOr<Tensor> product = buildMatMul(n, a, c);
  if (failed(product))
    return failure();
  product = scale(n, *product, alpha);
  if (failed(product) || !n.hasInput(2))
    return n.finish(product);
  if (failed(n.expectSameType(0, 2)))
    return failure();
  FailureOr<Tensor> bias = scale(n, n.input(2), beta);
  if (failed(bias))
    return failure();
  const Sizes sizes = product->sizes;
  FailureOr<Tensor> sum =
      n.g.pointwise({*product, *bias}, a.element,
                    [](BodyBuilder &b, ValueRange args) -> Value {
                      if (isa<FloatType>(args[0].getType()))
                        return arith::AddFOp::create(b, args[0], args[1]);
                      return arith::AddIOp::create(b, args[0], args[1]);
                    });
  if (succeeded(sum) && sum->sizes != sizes)
    return n.fail("expected C that can be added to " + n.g.table.str(sizes) +
                  " but got " + n.g.table.str(n.input(2).sizes));
  return n.finish(sum);
}

//===----------------------------------------------------------------------===//
// Einsum
//===----------------------------------------------------------------------===//

namespace {
/// The loops of an equation. A letter is a loop; the axes of an ellipsis are
/// loops counted from the last.
class Equation {
public:
  explicit Equation(Node &n) : n(n) {}

  LogicalResult parse(StringRef text);
  LogicalResult build();

private:
  FailureOr<int64_t> getLoop(const std::string &label, const Size &size);
  LogicalResult addOperand(StringRef labels, const Tensor &x);
  LogicalResult addResult(StringRef labels);
  static std::string ellipsisLabel(int64_t fromEnd) {
    return "." + std::to_string(fromEnd);
  }

  Node &n;
  std::map<std::string, int64_t> loops;
  std::map<char, int> uses;
  Sizes sizes;
  int64_t ellipsis = 0; // its axes
  std::vector<SmallVector<int64_t>> axes;
  SmallVector<int64_t> kept;
};
} // namespace

FailureOr<int64_t> Equation::getLoop(const std::string &label,
                                     const Size &size) {
  auto [it, isNew] = loops.try_emplace(label, int64_t(sizes.size()));
  if (isNew)
    sizes.push_back(size);
  Size &known = sizes[it->second];
  if (known.is(1))
    known = size;
  if (known != size && !size.is(1))
    return n.fail("label " + label + " stands for sizes " +
                  n.g.table.str(known) + " and " + n.g.table.str(size));
  return it->second;
}

LogicalResult Equation::addOperand(StringRef labels, const Tensor &x) {
  const size_t dots = labels.find("...");
  const int64_t letters =
      int64_t(labels.size()) - (dots == StringRef::npos ? 0 : 3);
  const int64_t own = x.rank() - letters;
  if (own < 0 || (dots == StringRef::npos && own != 0))
    return n.fail("expected a label for each axis of " +
                  n.g.table.str(x.sizes) + " but got \"" + labels + "\"");
  SmallVector<int64_t> result;
  for (size_t i = 0; i < labels.size();) {
    const int64_t axis = int64_t(result.size());
    if (i == dots) {
      for (int64_t k = own; k-- > 0;) {
        FailureOr<int64_t> loop =
            getLoop(ellipsisLabel(k), x.sizes[result.size()]);
        if (failed(loop))
          return failure();
        result.push_back(*loop);
      }
      ellipsis = std::max(ellipsis, own);
      i += 3;
      continue;
    }
    if (!llvm::isAlpha(labels[i]))
      return n.fail("expected letters but got \"" + labels + "\"");
    ++uses[labels[i]];
    FailureOr<int64_t> loop = getLoop(std::string(1, labels[i]), x.sizes[axis]);
    if (failed(loop))
      return failure();
    result.push_back(*loop);
    ++i;
  }
  axes.push_back(result);
  return success();
}

LogicalResult Equation::addResult(StringRef labels) {
  for (size_t i = 0; i < labels.size();) {
    if (labels.substr(i).starts_with("...")) {
      for (int64_t k = ellipsis; k-- > 0;)
        kept.push_back(loops[ellipsisLabel(k)]);
      i += 3;
      continue;
    }
    auto known = loops.find(std::string(1, labels[i]));
    if (known == loops.end() || llvm::is_contained(kept, known->second))
      return n.fail("label " + labels.substr(i, 1) +
                    " of the result is in no input, or there twice");
    kept.push_back(known->second);
    ++i;
  }
  return success();
}

LogicalResult Equation::parse(StringRef text) {
  std::string packed;
  llvm::copy_if(text, std::back_inserter(packed),
                [](char c) { return c != ' '; });
  const size_t arrow = StringRef(packed).find("->");
  SmallVector<StringRef> operands;
  StringRef(packed).substr(0, arrow).split(operands, ',');
  if (operands.size() != n.getNumInputs())
    return n.fail("expected " + Twine(n.getNumInputs()) +
                  " operands in equation \"" + text + "\" but got " +
                  Twine(operands.size()));
  for (unsigned i = 0; i < operands.size(); ++i)
    if (failed(addOperand(operands[i], n.input(i))))
      return failure();
  if (arrow != StringRef::npos)
    return addResult(StringRef(packed).substr(arrow + 2));
  // The labels that are there once, in the order of the alphabet.
  std::string result = "...";
  for (auto [letter, count] : uses)
    if (count == 1)
      result += letter;
  return addResult(result);
}

LogicalResult Equation::build() {
  std::vector<Tensor> inputs = n.getInputs();
  SmallVector<AffineMap> maps;
  for (auto [x, own] : llvm::zip_equal(inputs, axes)) {
    Sizes full;
    for (int64_t loop : own)
      full.push_back(sizes[loop]);
    x = n.g.broadcast(x, full);
    maps.push_back(n.g.mapOf(sizes.size(), own));
  }
  return n.setOutput(
      0, n.g.contract(sizes, kept, inputs, maps, inputs[0].element));
}

static LogicalResult importEinsum(Node &n) {
  for (unsigned i = 0; i < n.getNumInputs(); ++i)
    if (failed(n.expect(i, "number")) || failed(n.expectSameType(0, i)))
      return failure();
  Equation equation(n);
  if (failed(equation.parse(n.getString("equation", ""))))
    return failure();
  return equation.build();
}

OperatorGroup weft::onnx::getProductOperators() {
  static const Operator operators[] = {
      {"Einsum", 1, kManyInputs, 12, importEinsum},
      {"Gemm", 2, 3, 7, importGemm},
      {"MatMul", 2, 2, 1, importMatMul},
  };
  return operators;
}
