//===- FuzzSafetensors.cpp - The safetensors readers on any bytes ---------===//

#include "test/unit/formats/Walk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  weft::formats::walkSafetensors({data, size});
  weft::formats::walkSafetensorsIndex({data, size});
  return 0;
}
