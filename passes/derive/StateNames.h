//===- StateNames.h - Readable names of states ------------------*- C++ -*-===//

#ifndef WEFT_PASSES_DERIVE_STATENAMES_H
#define WEFT_PASSES_DERIVE_STATENAMES_H

#include "dialects/weft/interfaces/StreamingOpInterface.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace weft {

/// Names the states of the ops of a function: what the `weft.name` of the op
/// says, else a name among its locations, else its mnemonic and its number,
/// then the state's own name, as "layers.0.key" or "attention.0.key". No two
/// states get the same: ops of one name that keep the same are numbered.
class StateNames {
public:
  llvm::SmallVector<std::string> name(mlir::Operation *op,
                                      llvm::ArrayRef<StreamState> states);

private:
  llvm::StringMap<unsigned> counts; // Of the ops with each mnemonic.
  llvm::StringSet<> taken;
};

} // namespace weft

#endif // WEFT_PASSES_DERIVE_STATENAMES_H
