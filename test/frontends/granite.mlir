// Granite: factors on embeddings, scores, parts and logits.
// RUN: weft-import %S/models/granite | FileCheck %s
// RUN: weft-import %S/models/granite | %python %S/check_model.py %S/models/granite/io.safetensors

// CHECK: arith.constant 3.000000e+00
// CHECK: weft.attention {{.*}} scale(3.000000e-01)
// CHECK: weft.linear {{.*}} combine
// CHECK: arith.constant 5.000000e-01
