//===- ScanRows.h - Features and gates of tokens, rows in lanes -*- C++ -*-===//

#ifndef WEFT_CODEGEN_CPU_SCAN_SCANROWS_H
#define WEFT_CODEGEN_CPU_SCAN_SCANROWS_H

#include "compiler/codegen/cpu/scan/ScanKernel.h"

namespace weft::cpu {

/// Makes rows of the state's factors of what the tokens of a head have.
class ScanRows {
public:
  using Value = mlir::Value;
  using Index = KernelBuilder::Index;
  using Values = KernelBuilder::Values;

  /// Rows `row` and following, as many as lanes or as the mask has, made from
  /// channels by a part of the feature map.
  struct Rows {
    Value row, mask;
    unsigned part;
    Index pair, channel; ///< The channel in all lanes and the first of lanes.
  };

  ScanRows(KernelBuilder &b, const ScanKernel &kernel) : b(b), kernel(kernel) {}

  void select(Value ofBatch, Value ofHead) { batch = ofBatch, head = ofHead; }
  /// All rows, in their order.
  Values forEach(Values carried,
                 llvm::function_ref<Values(const Rows &, Values)> body);
  Value loadFeature(Value buffer, Value token, const Rows &rows);
  Values loadGates(Value token, const Rows &rows);

private:
  KernelBuilder &b;
  const ScanKernel &kernel;
  Value batch, head;
};

/// The sum over the lanes of each vector, of vector k in lane k.
mlir::Value sumLanes(KernelBuilder &b, KernelBuilder::Values vectors);

} // namespace weft::cpu

#endif // WEFT_CODEGEN_CPU_SCAN_SCANROWS_H
