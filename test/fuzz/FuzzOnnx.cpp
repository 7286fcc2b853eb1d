//===- FuzzOnnx.cpp - The ONNX reader on any bytes ------------------------===//

#include "test/unit/formats/Walk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft::formats::walkOnnx({data, size});
  return 0;
}
