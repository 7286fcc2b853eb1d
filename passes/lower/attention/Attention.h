//===- Attention.h - What the kernels of attention share --------*- C++ -*-===//

#ifndef WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H
#define WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H

#include "passes/lower/ElementRegion.h"
#include "passes/lower/Registry.h"

namespace weft {

/// Why no fused kernel takes `op`.
Declined declineFused(AttentionOp op);

/// Says so if nothing is known to be left out of the mask of `op`.
std::optional<std::string> noteDenseMask(AttentionOp op);

/// The regions of an op as the one region of its kernel: arguments score,
/// batch, head, i, j, the numbers of query and key where data is read by them,
/// a finished weight where there is a post region, the buffers, then indices.
class PairRegion {
public:
  PairRegion(AttentionOp op, FunctionLowering &f);

  bool isEmpty() const { return !score && !allowed && !post; }
  llvm::ArrayRef<mlir::Value> getBuffers() const { return buffers; }
  /// Indices from outside, which become scalars of the launch.
  llvm::ArrayRef<mlir::Value> getIndices() const {
    return indices.getArrayRef();
  }
  bool needsNumbers() const { return !data.empty(); }
  void build(mlir::OpBuilder &b, mlir::Region &region) const;

private:
  std::optional<ElementRegion> take(mlir::Region &region, FunctionLowering &f);
  mlir::Location loc;
  std::optional<ElementRegion> score, allowed, post;
  llvm::SmallVector<mlir::Value> buffers;
  llvm::SetVector<mlir::Value> indices;
  /// For each of the buffers of rows and columns, which are the first, whether
  /// it is read by the query, and whether each head has its own.
  struct Data {
    bool byQuery, byHead;
  };
  llvm::SmallVector<Data> data;
  /// Where the buffers of score, allowed and post begin.
  llvm::SmallVector<size_t> begins;
};

/// The operands of a kernel of the attention families, but for what it writes.
struct AttentionOperands {
  AttentionOperands(AttentionOp op, FunctionLowering &f);

  /// The config under `mask`, but for what is written.
  llvm::SmallVector<mlir::NamedAttribute> getConfig(MaskAttrInterface mask);
  /// The element region of a launch; null if there is none.
  std::function<void(mlir::OpBuilder &, mlir::Region &)> getElement();
  /// The floating-point operations of the two products over the pairs that the
  /// mask allows, as far as it is causal or bounded in reach.
  IndexExpr countWork(FunctionLowering &f, MaskAttrInterface mask);
  Buffer allocateOut(FunctionLowering &f);
  Buffer allocateLse(FunctionLowering &f);
  Buffer allocateMass(FunctionLowering &f);

  AttentionOp op;
  Buffer query, key, value;
  llvm::SmallVector<mlir::Value> buffers;
  IndexExprs scalars;
  PairRegion region;
};

/// Whether the products of the op may be rounded to bf16, and its kernel takes
/// keys and values that are packed for that.
bool packsKeys(AttentionOp op);
/// Packs keys and values, and gives them to `attention`.
void packKeys(const AttentionOperands &operands, FunctionLowering &f,
              LaunchSpec &attention);
/// Launches the merge of parts by their lse, which are batch x heads x tokens.
void launchMerge(llvm::ArrayRef<Buffer> parts, llvm::ArrayRef<Buffer> lses,
                 const Buffer &out, const Buffer &lse, FunctionLowering &f);

void addAttentionDecodeLowering(Registry &registry);
void addMergeLowering(Registry &registry);

} // namespace weft

#endif // WEFT_PASSES_LOWER_ATTENTION_ATTENTION_H
