//===- Regions.h - What regions of attention read ---------------*- C++ -*-===//

#ifndef WEFT_OPS_ATTENTION_REGIONS_H
#define WEFT_OPS_ATTENTION_REGIONS_H

#include "mlir/IR/Operation.h"

namespace weft {

/// Whether `inner` stands in a region of `weft.attention` and extracts an
/// element whose place along `axis` is the position of the query: a tensor that
/// runs along the sequence there is read at the query's own token.
bool readsQueryToken(mlir::Operation *inner, int64_t axis);

} // namespace weft

#endif // WEFT_OPS_ATTENTION_REGIONS_H
