//===- Fixture.h - Parameters in a file that is made up ---------*- C++ -*-===//

#ifndef WEFT_TEST_UNIT_PACKING_FIXTURE_H
#define WEFT_TEST_UNIT_PACKING_FIXTURE_H

#include "compiler/codegen/common/packing/Numbers.h"
#include "dialects/program/ir/ProgramDialect.h"
#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "gtest/gtest.h"
#include <random>

namespace weft::test {

class PackingTest : public testing::Test {
protected:
  PackingTest() {
    context.loadDialect<WeftDialect, program::ProgramDialect>();
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  }

  /// A tensor of `type` whose bytes are `bytes`, which must live on.
  packing::Numbers stored(llvm::StringRef type,
                          const std::vector<uint8_t> &bytes) {
    mlir::OpBuilder b(module->getBodyRegion());
    auto parameter = ParameterOp::create(
        b, b.getUnknownLoc(), b.getStringAttr("w"),
        mlir::TypeAttr::get(mlir::parseType(type, &context)),
        b.getStringAttr("file"), b.getI64IntegerAttr(0));
    auto numbers = packing::Numbers::stored(parameter, [&](auto) {
      return std::optional(formats::Bytes{bytes.data(), bytes.size()});
    });
    EXPECT_TRUE(mlir::succeeded(numbers));
    return *numbers;
  }
  template <typename LayoutT> LayoutT layout(llvm::StringRef text) {
    return mlir::cast<LayoutT>(mlir::parseAttribute(text, &context));
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::minstd_rand random{7};
};

} // namespace weft::test

#endif // WEFT_TEST_UNIT_PACKING_FIXTURE_H
