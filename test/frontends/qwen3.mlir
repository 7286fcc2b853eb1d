// Qwen3: norms on the heads of queries and keys, heads of their own size.
// RUN: weft-import %S/models/qwen3 | FileCheck %s
// RUN: weft-import %S/models/qwen3 | %python %S/check_model.py %S/models/qwen3/io.safetensors

// CHECK: %[[Q:.*]] = tensor.expand_shape {{.*}} into tensor<?x?x4x12xf32>
// CHECK: %[[N:.*]] = weft.norm<rms> %[[Q]] scale %{{.*}} : tensor<?x?x4x12xf32> scale tensor<12xf32>
// CHECK: weft.rope %[[N]]
