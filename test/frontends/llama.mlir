// Llama: with biases everywhere, and scalings of rotary positions.
// RUN: weft-import %S/models/llama | FileCheck %s
// RUN: weft-import %S/models/llama | %python %S/check_model.py %S/models/llama/io.safetensors
// RUN: weft-import %S/models/llama | %python %S/check_model.py %S/models/llama/io.safetensors --pieces
// RUN: weft-import %S/models/llama3_rope | %python %S/check_model.py %S/models/llama3_rope/io.safetensors
// RUN: weft-import %S/models/yarn_rope | FileCheck %s --check-prefix=YARN
// RUN: weft-import %S/models/yarn_rope | %python %S/check_model.py %S/models/yarn_rope/io.safetensors
// RUN: weft-import %S/models/llama --metadata | FileCheck %s --check-prefix=METADATA

// METADATA: // architecture = LlamaForCausalLM
// METADATA: // bos_token_id = 1
// METADATA: // context_length = 64
// METADATA: // eos_token_ids = 2
// METADATA: // family = llama
// METADATA: // hidden_size = 32
// METADATA: // task = generate
// METADATA: // vocab_size = 64

// CHECK: module @llama
// CHECK: weft.parameter @embed_tokens.weight : tensor<64x32xf32> in "{{.*}}/llama/model.safetensors" at {{[0-9]+}}
// CHECK: weft.parameter @layers.0.self_attn.q_proj.bias : tensor<32xf32>
// CHECK: weft.parameter @lm_head.weight : tensor<64x32xf32>
// CHECK: func.func @forward(%[[IDS:.*]]: tensor<?x?xi64> {weft.name = "input_ids", weft.sequence = 1 : i64})
// CHECK-SAME: -> (tensor<?x?x64xf32> {weft.name = "logits"}) attributes {weft.stream}
// CHECK: %[[X:.*]] = weft.embed %[[IDS]], %{{.*}} : tensor<?x?xi64>, tensor<64x32xf32> -> tensor<?x?x32xf32>
// CHECK: %[[Y:.*]] = weft.norm<rms> %[[X]]
// CHECK: %[[Q:.*]] = weft.linear %[[Y]], %{{.*}} with %{{.*}} combine(%{{.*}}, %{{.*}}) {
// CHECK: %[[QH:.*]] = tensor.expand_shape %[[Q]] {{.*}} into tensor<?x?x4x8xf32>
// CHECK: weft.rope %[[QH]] pairing <half> frequencies [1.000000e+00, 1.000000e-01, 1.000000e-02, 1.000000e-03]
// CHECK: %[[A:.*]] = weft.attention %{{.*}} normaliser(#weft.softmax) mask(#weft.causal) {weft.name = "layers.0"}
// CHECK: %[[J:.*]] = tensor.collapse_shape %[[A]]
// CHECK: weft.linear %[[J]], %{{.*}} with %{{.*}}, %[[X]] combine
// CHECK: weft.linear %{{.*}}, %{{.*}}, %{{.*}} with %{{.*}}, %{{.*}} combine(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.addf
// CHECK: math.exp
// CHECK: weft.use @lm_head.weight

// YARN: weft.rope {{.*}} {magnitude = 1.138{{.*}} : f64}
