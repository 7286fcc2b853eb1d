// Gemma: weights of norms around 0, embeddings scaled.
// RUN: weft-import %S/models/gemma | FileCheck %s
// RUN: weft-import %S/models/gemma | %python %S/check_model.py %S/models/gemma/io.safetensors

// CHECK: arith.constant 4.000000e+00
// CHECK: weft.use @layers.0.input_layernorm.weight
// CHECK: arith.constant 1.000000e+00
