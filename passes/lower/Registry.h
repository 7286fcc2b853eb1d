//===- Registry.h - Which lowerings there are -------------------*- C++ -*-===//
//
// A lowering turns one op into launches. An op may have several: the first that
// matches is taken, and each that declines says why, in words for `--explain`.
// An op that none takes is decomposed: fast is a match, never a requirement.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_PASSES_LOWER_REGISTRY_H
#define WEFT_PASSES_LOWER_REGISTRY_H

#include "passes/lower/FunctionLowering.h"

namespace weft {

/// Why a lowering does not take an op; nothing where it does.
using Declined = std::optional<std::string>;

/// One way to lower an op of one name.
class Lowering {
public:
  virtual ~Lowering() = default;
  virtual llvm::StringRef getOpName() const = 0;
  /// The name that `--explain` prints.
  virtual llvm::StringRef getName() const = 0;
  /// Looks at the op before anything of its function is lowered.
  virtual Declined decline(mlir::Operation *op,
                           ModuleLowering &module) const = 0;
  /// What makes an op that it takes slower than it might be, for `--explain`.
  virtual std::optional<std::string> getNote(mlir::Operation *) const {
    return std::nullopt;
  }
  /// Emits launches, and sets the buffer of each result.
  virtual mlir::LogicalResult lower(mlir::Operation *op,
                                    FunctionLowering &f) const = 0;
};

/// A lowering of `OpTy`: override `decline` and `lower` for it.
template <typename OpTy> class LoweringOf : public Lowering {
public:
  llvm::StringRef getOpName() const override {
    return OpTy::getOperationName();
  }
  virtual Declined decline(OpTy, ModuleLowering &) const {
    return std::nullopt;
  }
  virtual mlir::LogicalResult lower(OpTy op, FunctionLowering &f) const = 0;

  Declined decline(mlir::Operation *op, ModuleLowering &module) const final {
    return decline(llvm::cast<OpTy>(op), module);
  }
  mlir::LogicalResult lower(mlir::Operation *op,
                            FunctionLowering &f) const final {
    return lower(llvm::cast<OpTy>(op), f);
  }
};

/// All lowerings, by the name of their op, in the order of preference.
class Registry {
public:
  /// Ops named in `without` have none, and are decomposed.
  explicit Registry(llvm::ArrayRef<std::string> without = {});

  template <typename LoweringTy> void add() {
    auto lowering = std::make_unique<LoweringTy>();
    lowerings[lowering->getOpName()].push_back(std::move(lowering));
  }

  llvm::ArrayRef<std::unique_ptr<Lowering>>
  getLowerings(mlir::Operation *op) const;

  /// The first lowering that takes `op`, or null. Adds to `declined`, where
  /// given, a line for each that does not.
  const Lowering *
  find(mlir::Operation *op, ModuleLowering &module,
       llvm::SmallVectorImpl<std::string> *declined = nullptr) const;

private:
  llvm::StringMap<std::vector<std::unique_ptr<Lowering>>> lowerings;
};

// One a family, in passes/lower/<family>/.
void addLinearLowerings(Registry &registry);
void addNormLowerings(Registry &registry);
void addSoftmaxLowerings(Registry &registry);
void addEmbedLowerings(Registry &registry);
void addRopeLowerings(Registry &registry);
void addAttentionLowerings(Registry &registry);
void addAppendLowerings(Registry &registry);
void addScanLowerings(Registry &registry);
void addShortConvLowerings(Registry &registry);
void addLongConvLowerings(Registry &registry);
void addTopKLowerings(Registry &registry);
void addGenericLowerings(Registry &registry);
void addViewLowerings(Registry &registry);
void addControlLowerings(Registry &registry);

} // namespace weft

#endif // WEFT_PASSES_LOWER_REGISTRY_H
