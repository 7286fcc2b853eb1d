//===- Tensor.h - Sizes of tensors ------------------------------*- C++ -*-===//

#ifndef WEFT_CORE_TENSOR_H
#define WEFT_CORE_TENSOR_H

#include "runtime/core/Status.h"
#include "weft/tensor.h"

namespace weft {

/// The bytes of a dense tensor; false if a dimension is negative or the product
/// overflows 63 bits.
bool computeBytes(const int64_t *dims, int32_t rank, uint64_t elementBytes,
                  uint64_t &bytes);

} // namespace weft

#endif // WEFT_CORE_TENSOR_H
