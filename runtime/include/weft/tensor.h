/*===- tensor.h - Views of the caller's tensors ---------------------*- C
-*-===*\
|*
|* A tensor is a view: dense, row-major, the last axis fastest. The runtime
never
|* owns, keeps or frees what it points to.
|*
\*===----------------------------------------------------------------------===*/

#ifndef WEFT_TENSOR_H
#define WEFT_TENSOR_H

#include "weft/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEFT_MAX_RANK 8

/* Element types; the numbers are those of the file format. */
typedef enum weft_dtype {
  WEFT_F32 = 0,
  WEFT_F16 = 1,
  WEFT_BF16 = 2,
  WEFT_I8 = 3,
  WEFT_U8 = 4,
  WEFT_I16 = 5,
  WEFT_I32 = 6,
  WEFT_I64 = 7,
  WEFT_I1 = 8,    /* a byte an element, 0 or 1 */
  WEFT_BYTES = 9, /* no number: packed data, a byte an element */
  WEFT_F64 = 10,
  WEFT_U16 = 11,
  WEFT_U32 = 12,
  WEFT_U64 = 13
} weft_dtype;

/* `data` is aligned to the element type; 64 bytes is best. It may be null where
 * a dimension is 0. */
typedef struct weft_tensor {
  void *data;
  weft_dtype dtype;
  int32_t rank; /* 0 … WEFT_MAX_RANK */
  int64_t dims[WEFT_MAX_RANK];
} weft_tensor;

/* Returns the size of an element in bytes; 0 for an unknown type. */
WEFT_API size_t weft_dtype_bytes(weft_dtype dtype);

/* Returns the name, as "f32"; "unknown" for an unknown type. */
WEFT_API const char *weft_dtype_name(weft_dtype dtype);

/* Computes the bytes that a tensor's elements take. Fails on a rank, dimension
 * or type out of range, and where the product overflows. */
WEFT_API weft_status weft_tensor_bytes(const weft_tensor *tensor,
                                       size_t *out_bytes);

#ifdef __cplusplus
} // extern "C"
#endif

#endif /* WEFT_TENSOR_H */
