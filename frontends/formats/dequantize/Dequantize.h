//===- Dequantize.h - What stored numbers mean ----------------------------===//
//
// Plain scalar references: slow, and the definition that kernels are tested
// against. Formulas of the block types are stated where they are computed; the
// layouts are those of ggml.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_DEQUANTIZE_DEQUANTIZE_H
#define WEFT_FRONTENDS_FORMATS_DEQUANTIZE_DEQUANTIZE_H

#include "frontends/formats/common/DataType.h"

namespace weft::formats {

/// The value of an IEEE half, exactly.
float halfToFloat(uint16_t bits);
/// The value of a bfloat16, exactly.
float bfloat16ToFloat(uint16_t bits);

/// Writes `count` values to `out`. `data` holds the blocks; `count` is a
/// multiple of the type's elements per block. f64, i32 and i64 are rounded to
/// nearest even; bool is 0 or 1.
void dequantize(DataType type, const uint8_t *data, uint64_t count, float *out);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_DEQUANTIZE_DEQUANTIZE_H
