// Qwen2: biases on queries, keys and values, windows by layer, tied embeddings.
// RUN: weft-import %S/models/qwen2 | FileCheck %s
// RUN: weft-import %S/models/qwen2 | %python %S/check_model.py %S/models/qwen2/io.safetensors
// RUN: weft-import %S/models/qwen2 | %python %S/check_model.py %S/models/qwen2/io.safetensors --pieces

// CHECK: weft.parameter @layers.0.self_attn.v_proj.bias
// CHECK-NOT: weft.parameter @layers.0.self_attn.o_proj.bias
// CHECK-NOT: weft.parameter @lm_head.weight
// CHECK: weft.attention {{.*}} mask(#weft.causal)
// CHECK: weft.attention {{.*}} mask(#weft.and<#weft.causal, #weft.window<4>>)
// CHECK: %[[E:.*]] = weft.use @embed_tokens.weight
// CHECK-NEXT: weft.linear %{{.*}}, %[[E]]
