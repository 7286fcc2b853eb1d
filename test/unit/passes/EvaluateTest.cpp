//===- EvaluateTest.cpp - Parameters computed at compile time -------------===//

#include "passes/layout/Evaluate.h"
#include "dialects/program/ops/ProgramOps.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace weft;

/// Evaluates the ops of `body` on the sources `%a`, of type `type`.
static FailureOr<DenseValue> evaluate(const std::string &type,
                                      const std::string &body, DenseValue a) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect, linalg::LinalgDialect,
                      math::MathDialect, tensor::TensorDialect, WeftDialect,
                      program::ProgramDialect>();
  std::string text =
      "weft.parameter @a : " + type + " in \"m\" at 0\n" +
      "program.parameter @p : #program.rows<tensor<1xf32>> from [@a] compute "
      "{\n^bb0(%a: " +
      type + "):\n" + body + "\n}";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module);
  auto parameter = *module->getOps<program::ParameterOp>().begin();
  return evaluateCompute(parameter.getCompute(), {a});
}

TEST(Evaluate, ElementByElementInF32) {
  auto result = evaluate("tensor<3xf32>", R"(
    %0 = math.exp %a : tensor<3xf32>
    %1 = arith.negf %0 : tensor<3xf32>
    program.yield %1 : tensor<3xf32>)",
                         {{3}, {0.0, 1.0, -2.5}});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->shape, SmallVector<int64_t>({3}));
  const double inputs[] = {0.0, 1.0, -2.5};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(result->elements[i], double(float(-std::exp(inputs[i]))));
}

TEST(Evaluate, TransposesAndSlices) {
  auto result = evaluate("tensor<2x3xf32>", R"(
    %e = tensor.empty() : tensor<3x2xf32>
    %t = linalg.transpose ins(%a : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>)
      permutation = [1, 0]
    %s = tensor.extract_slice %t[1, 0] [2, 1] [1, 1]
      : tensor<3x2xf32> to tensor<2xf32>
    program.yield %s : tensor<2xf32>)",
                         {{2, 3}, {1, 2, 3, 4, 5, 6}});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->elements, std::vector<double>({2, 3}));
}

TEST(Evaluate, JoinsAlongAnInnerAxis) {
  auto result = evaluate("tensor<2x2xf32>", R"(
    %c = tensor.concat dim(1) %a, %a
      : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32>
    program.yield %c : tensor<2x4xf32>)",
                         {{2, 2}, {1, 2, 3, 4}});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->elements, std::vector<double>({1, 2, 1, 2, 3, 4, 3, 4}));
}

TEST(Evaluate, SumsInANest) {
  auto result = evaluate("tensor<2x3xf32>", R"(
    %zero = arith.constant 0.0 : f32
    %e = tensor.empty() : tensor<2xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
    %s = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]
    } ins(%a : tensor<2x3xf32>) outs(%f : tensor<2xf32>) {
    ^bb0(%x: f32, %acc: f32):
      %j = linalg.index 1 : index
      %i = arith.index_cast %j : index to i32
      %w = arith.sitofp %i : i32 to f32
      %p = arith.mulf %x, %w : f32
      %0 = arith.addf %p, %acc : f32
      linalg.yield %0 : f32
    } -> tensor<2xf32>
    program.yield %s : tensor<2xf32>)",
                         {{2, 3}, {1, 2, 3, 4, 5, 6}});
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->elements, std::vector<double>({8, 17}));
}

TEST(Evaluate, RefusesWhatItDoesNotKnow) {
  auto result = evaluate("tensor<2xf32>", R"(
    %0 = math.atan %a : tensor<2xf32>
    program.yield %0 : tensor<2xf32>)",
                         {{2}, {1, 2}});
  EXPECT_TRUE(failed(result));
}
