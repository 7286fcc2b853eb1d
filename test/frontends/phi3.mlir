// Phi-3: one matrix for queries, keys and values, one for gate and up.
// RUN: weft-import %S/models/phi3 | FileCheck %s
// RUN: weft-import %S/models/phi3 | %python %S/check_model.py %S/models/phi3/io.safetensors

// CHECK: weft.parameter @layers.0.self_attn.qkv_proj.weight : tensor<32x16xf32>
// CHECK: weft.parameter @layers.0.mlp.gate_up_proj.weight : tensor<48x16xf32>
// CHECK: weft.attention {{.*}} mask(#weft.and<#weft.causal, #weft.window<6>>)
