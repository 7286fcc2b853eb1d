// GPT-2: learned positions, weights stored inputs x outputs.
// RUN: weft-import %S/models/gpt2 | FileCheck %s
// RUN: weft-import %S/models/gpt2 | %python %S/check_model.py %S/models/gpt2/io.safetensors
// RUN: weft-import %S/models/gpt2 | %python %S/check_model.py %S/models/gpt2/io.safetensors --pieces

// CHECK: %[[P:.*]] = weft.positions %{{.*}} : tensor<?x?xi64>
// CHECK: weft.embed %[[P]], %{{.*}} : tensor<?x?xi64>, tensor<40x32xf32>
// CHECK: weft.norm<layer> %{{.*}} scale %{{.*}} shift %{{.*}}
// CHECK: %[[W:.*]] = weft.use @h.0.attn.c_attn.weight : tensor<32x96xf32>
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[W]] : tensor<32x96xf32>) outs(%{{.*}} : tensor<96x32xf32>) permutation = [1, 0]
// CHECK: %[[QKV:.*]] = weft.linear %{{.*}}, %[[T]]
// CHECK: tensor.extract_slice %[[QKV]][0, 0, 32]
// CHECK: weft.attention {{.*}} mask(#weft.causal) scale(0.353553385)
// CHECK: math.tanh
