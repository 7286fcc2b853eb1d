// OLMo 2: norms after each part, and on queries and keys over all heads.
// RUN: weft-import %S/models/olmo2 | FileCheck %s
// RUN: weft-import %S/models/olmo2 | %python %S/check_model.py %S/models/olmo2/io.safetensors

// CHECK: %[[Q:.*]] = weft.norm<rms> {{.*}} : tensor<?x?x16xf32>
// CHECK: tensor.expand_shape %[[Q]]
// CHECK: %[[O:.*]] = weft.linear {{.*}} -> tensor<?x?x16xf32>
// CHECK: %[[N:.*]] = weft.norm<rms> %[[O]]
// CHECK: arith.addf %{{.*}}, %[[N]] : tensor<?x?x16xf32>
