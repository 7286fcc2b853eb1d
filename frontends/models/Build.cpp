//===- Build.cpp - From a family's description to a verified module -------===//

#include "frontends/models/Build.h"

#include "dialects/weft/ir/WeftDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace weft;
using formats::Error;
using formats::Status;

void weft::loadModelDialects(MLIRContext &context) {
  context.loadDialect<WeftDialect, arith::ArithDialect, func::FuncDialect,
                      linalg::LinalgDialect, math::MathDialect, scf::SCFDialect,
                      tensor::TensorDialect>();
}

Status weft::verifyModule(ModuleOp module, const std::string &file) {
  Error error{file, "", ""};
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (error.message.empty() &&
            diagnostic.getSeverity() == DiagnosticSeverity::Error)
          error.message = diagnostic.str();
        return success();
      });
  if (succeeded(verify(module)))
    return {};
  return error;
}

Status weft::buildModel(MLIRContext &context, const ModelFamily &family,
                        void (*build)(const ModelInput &),
                        formats::Config &config,
                        const formats::TensorStore &store,
                        const std::string &place, Parameters::Rename rename,
                        ModelSource &source) {
  loadModelDialects(context);
  source.module = ModuleOp::create(UnknownLoc::get(&context), family.name);
  Parameters parameters(store, place, *source.module, std::move(rename));
  ModelBuilder builder(*source.module, parameters);
  build({config, builder, source.metadata});
  if (Status status = config.finish(); !status)
    return status;
  if (Status status = parameters.finish(); !status)
    return status;
  source.files = store.files();
  return verifyModule(*source.module, place);
}
