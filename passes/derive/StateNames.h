//===- StateNames.h - Readable names of states ------------------*- C++ -*-===//

#ifndef WEFT_PASSES_DERIVE_STATENAMES_H
#define WEFT_PASSES_DERIVE_STATENAMES_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace weft {

/// Gives each op of a function a prefix for the names of its states: what its
/// `weft.name` says, else a name among its locations, else its mnemonic and its
/// number, as "attention.0". No two ops get the same.
class StateNames {
public:
  std::string getPrefix(mlir::Operation *op);

private:
  llvm::StringMap<unsigned> counts; // Of the ops with each mnemonic.
  llvm::StringSet<> taken;
};

} // namespace weft

#endif // WEFT_PASSES_DERIVE_STATENAMES_H
