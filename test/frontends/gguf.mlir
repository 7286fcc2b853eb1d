// GGUF: rows of queries and keys that pair neighbours, every storage of matrices.
// RUN: weft-import %S/models/llama.gguf | FileCheck %s
// RUN: weft-import %S/models/llama.gguf | %python %S/check_model.py %S/models/llama.gguf.io.safetensors
// RUN: weft-import %S/models/qwen2.gguf | FileCheck %s --check-prefix=QWEN2
// RUN: weft-import %S/models/qwen2.gguf | %python %S/check_model.py %S/models/qwen2.gguf.io.safetensors
// RUN: weft-import %S/models/gpt2.gguf | %python %S/check_model.py %S/models/gpt2.gguf.io.safetensors
// RUN: weft-import %S/models/bert.gguf | %python %S/check_model.py %S/models/bert.gguf.io.safetensors
// RUN: weft-import %S/models/mamba.gguf | %python %S/check_model.py %S/models/mamba.gguf.io.safetensors
// RUN: weft-import %S/models/bert.gguf --metadata | FileCheck %s --check-prefix=BERT

// CHECK: weft.parameter @embed_tokens.weight : tensor<64x64x!weft.blocks<#weft.q8_0>> in "{{.*}}llama.gguf" at {{[0-9]+}}
// CHECK: weft.parameter @layers.0.self_attn.q_proj.weight : tensor<64x64x!weft.blocks<#weft.q4_0>>
// CHECK: weft.parameter @layers.0.self_attn.k_proj.weight : tensor<32x64x!weft.blocks<#weft.q4_1>>
// CHECK: weft.linear {{.*}} : tensor<?x?x64xf32>, tensor<64x64x!weft.blocks<#weft.q4_0>> -> tensor<?x?x64xf32>
// CHECK: weft.rope {{.*}} pairing <adjacent>

// QWEN2: weft.parameter @layers.0.self_attn.q_proj.bias : tensor<64xf32>
// QWEN2: weft.rope {{.*}} pairing <half>

// BERT: // pooling = cls
// BERT: // task = embed
