//===- FuzzNpy.cpp - The reader of NumPy's files on any bytes -------------===//

#include "frontends/formats/npy/Npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto array = weft::formats::parseNpy({data, size}, "fuzz");
  // What is returned lies inside the bytes.
  if (array && array->data.data + array->data.size != data + size)
    __builtin_trap();
  return 0;
}
