// SmolLM3: layers without positions.
// RUN: weft-import %S/models/smollm3 | FileCheck %s
// RUN: weft-import %S/models/smollm3 | %python %S/check_model.py %S/models/smollm3/io.safetensors

// CHECK-COUNT-2: weft.rope
// CHECK-NOT: weft.rope
