// ViT: an image as patches, a token before them, learned positions. DeiT has two
// tokens; without a classifier the states are the result.
// RUN: weft-import %S/models/vit | FileCheck %s
// RUN: weft-import %S/models/vit | %python %S/check_model.py %S/models/vit/io.safetensors
// RUN: weft-import %S/models/vit --metadata | FileCheck %s --check-prefix=METADATA
// RUN: weft-import %S/models/vit_encoder | FileCheck %s --check-prefix=STATES
// RUN: weft-import %S/models/vit_encoder | %python %S/check_model.py %S/models/vit_encoder/io.safetensors
// RUN: weft-import %S/models/deit | FileCheck %s --check-prefix=DEIT
// RUN: weft-import %S/models/deit | %python %S/check_model.py %S/models/deit/io.safetensors

// METADATA: // task = vision

// CHECK: weft.parameter @embeddings.patch_embeddings.projection.weight : tensor<16x64xf32>
// CHECK: func.func @forward(%[[X:.*]]: tensor<?x2x12x16xf32> {weft.name = "pixel_values"})
// CHECK-SAME: -> (tensor<?x5xf32> {weft.name = "logits"}) {
// CHECK: tensor.expand_shape %[[X]] {{\[\[}}0], [1], [2, 3], [4, 5]] {{.*}} into tensor<?x2x3x4x2x8xf32>
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 4, 1, 3, 5]
// CHECK: tensor.collapse_shape {{.*}} into tensor<?x6x64xf32>
// CHECK: tensor.concat dim(1) {{.*}} -> tensor<?x7x16xf32>
// CHECK: weft.attention {{.*}} normaliser(#weft.softmax) : tensor<?x7x2x8xf32>
// CHECK: math.erf

// STATES: -> (tensor<?x7x16xf32> {weft.name = "last_hidden_state"})
// STATES-NOT: query.bias
// STATES: math.tanh

// DEIT: tensor.concat dim(1) {{.*}} -> tensor<?x8x16xf32>
