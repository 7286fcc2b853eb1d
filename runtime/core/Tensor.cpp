//===- Tensor.cpp - Sizes of tensors --------------------------------------===//

#include "runtime/core/Tensor.h"

using namespace weft;

namespace {
struct TypeFacts {
  const char *name;
  size_t bytes;
};
} // namespace

/// By the numbers of weft_dtype.
static const TypeFacts kTypes[] = {
    {"f32", 4}, {"f16", 2}, {"bf16", 2}, {"i8", 1},  {"u8", 1},
    {"i16", 2}, {"i32", 4}, {"i64", 8},  {"i1", 1},  {"bytes", 1},
    {"f64", 8}, {"u16", 2}, {"u32", 4},  {"u64", 8},
};
static constexpr unsigned kTypeCount = sizeof(kTypes) / sizeof(*kTypes);

size_t weft_dtype_bytes(weft_dtype dtype) {
  return unsigned(dtype) < kTypeCount ? kTypes[dtype].bytes : 0;
}

const char *weft_dtype_name(weft_dtype dtype) {
  return unsigned(dtype) < kTypeCount ? kTypes[dtype].name : "unknown";
}

bool weft::computeBytes(const int64_t *dims, int32_t rank,
                        uint64_t elementBytes, uint64_t &bytes) {
  // A zero anywhere makes all of it empty, however large the rest is.
  for (int32_t i = 0; i < rank; ++i)
    if (dims[i] < 0)
      return false;
  for (int32_t i = 0; i < rank; ++i)
    if (dims[i] == 0) {
      bytes = 0;
      return true;
    }
  bytes = elementBytes;
  for (int32_t i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(bytes, uint64_t(dims[i]), &bytes) ||
        bytes > uint64_t(INT64_MAX))
      return false;
  return true;
}

weft_status weft_tensor_bytes(const weft_tensor *tensor, size_t *out_bytes) {
  if (!tensor || !out_bytes)
    return makeError(WEFT_INVALID_ARGUMENT, "tensor and out_bytes must not be "
                                            "null");
  if (tensor->rank < 0 || tensor->rank > WEFT_MAX_RANK)
    return makeError(WEFT_INVALID_ARGUMENT,
                     "tensor: expected a rank from 0 to %d but got %d",
                     WEFT_MAX_RANK, int(tensor->rank));
  size_t elementBytes = weft_dtype_bytes(tensor->dtype);
  if (elementBytes == 0)
    return makeError(WEFT_INVALID_ARGUMENT, "tensor: unknown type %d",
                     int(tensor->dtype));
  uint64_t bytes;
  if (!computeBytes(tensor->dims, tensor->rank, elementBytes, bytes))
    return makeError(WEFT_INVALID_ARGUMENT,
                     "tensor: a dimension is negative, or the size overflows");
  *out_bytes = bytes;
  return ok();
}
