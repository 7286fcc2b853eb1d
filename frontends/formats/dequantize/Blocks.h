//===- Blocks.h - One block of each block-quantized type ------------------===//
//
// Each function reads one block and writes its elements. In the formulas d and
// m are halves, q unsigned bits, and i the element's number in its block.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_DEQUANTIZE_BLOCKS_H
#define WEFT_FRONTENDS_FORMATS_DEQUANTIZE_BLOCKS_H

#include <cstdint>

namespace weft::formats {

/// 32 elements, x = d (q4 - 8). Bytes: d, 16 of quants, element i in the low
/// and i + 16 in the high half of byte i.
void dequantizeQ4_0(const uint8_t *block, float *out);
/// 32 elements, x = d q4 + m. Bytes: d, m, 16 of quants as above.
void dequantizeQ4_1(const uint8_t *block, float *out);
/// 32 elements, x = d (q5 - 16). Bytes: d, 4 with bit 4 of element i in bit i,
/// 16 with the low four bits as above.
void dequantizeQ5_0(const uint8_t *block, float *out);
/// 32 elements, x = d q5 + m. Bytes: d, m, then as Q5_0.
void dequantizeQ5_1(const uint8_t *block, float *out);
/// 32 elements, x = d q8, q8 signed. Bytes: d, 32 of quants.
void dequantizeQ8_0(const uint8_t *block, float *out);
/// 256 elements in 8 groups g of 32, x = d s[g] q4 - m n[g] with s and n of six
/// bits. Bytes: d, m, 12 with s and n, 128 of quants: groups 2k and 2k + 1 in
/// the low and high halves of bytes [32 k, 32 k + 32).
void dequantizeQ4_K(const uint8_t *block, float *out);
/// 256 elements in 16 groups g of 16, x = d s[g] (q6 - 32), s signed bytes.
/// Bytes: 128 with the low four bits, 64 with the high two, 16 of s, d.
void dequantizeQ6_K(const uint8_t *block, float *out);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_DEQUANTIZE_BLOCKS_H
