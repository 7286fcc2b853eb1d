//===- Driver.cpp - From a path to a compiled file ------------------------===//

#include "compiler/driver/Driver.h"
#include "compiler/driver/Levels.h"
#include "compiler/driver/Precisions.h"
#include "compiler/driver/Registration.h"
#include "compiler/pipelines/Compile.h"
#include "frontends/Frontends.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace weft;

static std::optional<Emit> parseEmit(StringRef name) {
  return llvm::StringSwitch<std::optional<Emit>>(name)
      .Case("model", Emit::Model)
      .Case("program", Emit::Program)
      .Case("kernels", Emit::Kernels)
      .Case("llvm", Emit::Llvm)
      .Case("asm", Emit::Assembly)
      .Case("object", Emit::Object)
      .Case("static-lib", Emit::StaticLibrary)
      .Case("artifact", Emit::Artifact)
      .Default(std::nullopt);
}

bool weft::isTextForm(const std::string &emit) {
  auto form = parseEmit(emit);
  return form && *form < Emit::Object;
}

/// "file:line:column: " of the innermost place in a file; "" without one.
static std::string placeOf(Location location) {
  std::string place;
  location->walk([&](Location inner) {
    auto file = dyn_cast<FileLineColLoc>(inner);
    if (!file)
      return WalkResult::advance();
    place = (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
             Twine(file.getColumn()) + ": ")
                .str();
    return WalkResult::interrupt();
  });
  return place;
}

static Severity severityOf(DiagnosticSeverity severity) {
  return severity == DiagnosticSeverity::Error ? Severity::Error
                                               : Severity::Warning;
}

/// Hands what MLIR reports on, each with its notes as further lines.
static void forwardDiagnostics(MLIRContext &context,
                               const DriverOptions &options) {
  context.getDiagEngine().registerHandler([&options](Diagnostic &diagnostic) {
    std::string message = placeOf(diagnostic.getLocation()) + diagnostic.str();
    for (Diagnostic &note : diagnostic.getNotes())
      message += "\n  note: " + placeOf(note.getLocation()) + note.str();
    options.report(severityOf(diagnostic.getSeverity()), message);
  });
}

bool weft::compileFile(const DriverOptions &options) {
  auto fail = [&](const std::string &message) {
    options.report(Severity::Error, message);
    return false;
  };
  auto levels = parseLevels(options.mcpu);
  if (!levels)
    return fail("--mcpu: " + llvm::toString(levels.takeError()));
  CompileOptions compileOptions;
  compileOptions.emit = *parseEmit(options.emit);
  compileOptions.levels = std::move(*levels);
  const bool isMeasured =
      options.measureError && runsHere(*compileOptions.levels.back());
  auto precision = choosePrecision(options.precision, options.tolerance,
                                   *compileOptions.levels.back(),
                                   isMeasured ? options.measureError : nullptr);
  if (!precision)
    return fail("--precision: " + llvm::toString(precision.takeError()));
  compileOptions.precision = precision->precision;
  if (options.note && !precision->why.empty())
    options.note(precision->why);
  compileOptions.cache = options.cache;
  compileOptions.maxContext = options.maxContext;
  compileOptions.maxPiece = options.maxPiece;
  compileOptions.explain = options.explain;
  compileOptions.threads = options.threads;
  compileOptions.runtimeArchive = options.runtimeArchive;
  compileOptions.beginStage = options.beginStage;
  compileOptions.advance = options.advance;

  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  forwardDiagnostics(context, options);
  if (options.beginStage)
    options.beginStage("Read " + options.source);
  auto source =
      loadModel(context, options.source, {options.params, options.fixed});
  if (!source)
    return fail(source.error().str());
  return succeeded(compile(*source, compileOptions, options.output));
}
