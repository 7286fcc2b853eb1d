//===- Npy.h - NumPy's file of one array ----------------------------------===//
//
// A .npy file, versions 1 to 3, is
//   "\x93NUMPY", u8 major, u8 minor, u16 (u32 from version 2 on) header length,
//   the header  (a Python dict: {'descr': '<f4', 'fortran_order': False,
//                'shape': (2, 3), }), and the numbers.
// Row-major arrays of plain little-endian numbers are read.
//
//===----------------------------------------------------------------------===//

#ifndef WEFT_FRONTENDS_FORMATS_NPY_NPY_H
#define WEFT_FRONTENDS_FORMATS_NPY_NPY_H

#include "frontends/formats/common/Bytes.h"
#include "frontends/formats/common/DataType.h"
#include "frontends/formats/common/Error.h"

namespace weft::formats {

struct NpyArray {
  DataType type = DataType::F32;
  std::vector<int64_t> shape; // outermost first; empty for a scalar
  Bytes data;                 // as many bytes as type and shape ask for
};

/// Reads the bytes of a whole file, to which the result points. `file` is for
/// messages.
Expected<NpyArray> parseNpy(Bytes bytes, const std::string &file);

/// The bytes that stand before the numbers: their end is a multiple of 64.
/// bf16, for which NumPy has no name, is written as two bytes without type
/// ('<V2'), and read from them.
std::string makeNpyHeader(DataType type, const std::vector<int64_t> &shape);

} // namespace weft::formats

#endif // WEFT_FRONTENDS_FORMATS_NPY_NPY_H
