// What a Hugging Face directory may not say: each is an error that names it.
// DEFINE: %{change} = silu/silu
// DEFINE: %{model} = llama
// DEFINE: %{check} = none
// DEFINE: %{refuse} = rm -rf %t && cp -r %S/models/%{model} %t && \
// DEFINE:   sed -i 's/%{change}/' %t/config.json && \
// DEFINE:   not weft-import %t 2>&1 | FileCheck %s --check-prefix=%{check}

// REDEFINE: %{change} = "silu"/"xielu"
// REDEFINE: %{check} = ACT
// RUN: %{refuse}
// ACT: error: {{.*}}/config.json: hidden_act: expected "silu" or {{.*}} but got "xielu"

// REDEFINE: %{change} = "hidden_size": 32/"hidden_size": 0
// REDEFINE: %{check} = SIZE
// RUN: %{refuse}
// SIZE: error: {{.*}}/config.json: hidden_size: expected a positive integer but got 0

// REDEFINE: %{change} = "mlp_bias": true/"attention_sinks": 4
// REDEFINE: %{check} = UNKNOWN
// RUN: %{refuse}
// UNKNOWN: error: {{.*}}/config.json: attention_sinks: is not supported: this attribute is not known for this model family; its value is 4

// REDEFINE: %{change} = "mlp_bias": true/"mlp_bias": false
// REDEFINE: %{check} = LEFT-OVER
// RUN: %{refuse}
// LEFT-OVER: error: {{.*}}/model.safetensors: tensor "model.layers.0.mlp.down_proj.bias": is not supported: a f32 [32] of this name has no place in the model that the configuration describes

// REDEFINE: %{change} = "num_hidden_layers": 2/"num_hidden_layers": 3
// REDEFINE: %{check} = MISSING
// RUN: %{refuse}
// MISSING: error: {{.*}}: tensor "model.layers.2.input_layernorm.weight": expected a tensor of shape [32] but got none of this name

// REDEFINE: %{change} = "vocab_size": 64/"vocab_size": 65
// REDEFINE: %{check} = SHAPE
// RUN: %{refuse}
// SHAPE: error: {{.*}}/model.safetensors: tensor "model.embed_tokens.weight": expected shape [65, 32] but got [64, 32]

// REDEFINE: %{change} = "rope_type": "default"/"rope_type": "dynamic", "factor": 2.0
// REDEFINE: %{check} = ROPE
// RUN: %{refuse}
// ROPE: error: {{.*}}/config.json: rope_parameters.rope_type: expected "default" or "linear" or "llama3" or "yarn" but got "dynamic"

// REDEFINE: %{change} = "num_key_value_heads": 2/"num_key_value_heads": 3
// REDEFINE: %{check} = HEADS
// RUN: %{refuse}
// HEADS: error: {{.*}}/config.json: num_key_value_heads: expected a divisor of 4 but got 3

// REDEFINE: %{change} = "model_type": "llama"/"model_type": "llama9"
// REDEFINE: %{check} = TYPE
// RUN: %{refuse}
// TYPE: error: {{.*}}/config.json: model_type: expected one of bert, {{.*}} but got "llama9"

// REDEFINE: %{model} = bert
// REDEFINE: %{change} = "is_decoder": false/"is_decoder": true
// REDEFINE: %{check} = DECODER
// RUN: %{refuse}
// DECODER: error: {{.*}}/config.json: is_decoder: is not supported: expected false but got true

// REDEFINE: %{change} = "is_decoder": false/"position_embedding_type": "relative_key"
// REDEFINE: %{check} = POSITIONS
// RUN: %{refuse}
// POSITIONS: error: {{.*}}/config.json: position_embedding_type: is not supported: expected "absolute" but got "relative_key"

// REDEFINE: %{model} = gpt2
// REDEFINE: %{change} = "add_cross_attention": false/"add_cross_attention": true
// REDEFINE: %{check} = CROSS
// RUN: %{refuse}
// CROSS: error: {{.*}}/config.json: add_cross_attention: is not supported: expected false but got true

// REDEFINE: %{model} = mamba
// REDEFINE: %{change} = "intermediate_size": 64/"intermediate_size": 48
// REDEFINE: %{check} = INNER
// RUN: %{refuse}
// INNER: error: {{.*}}/config.json: intermediate_size: is not supported: expected 64 but got 48

// RUN: rm -rf %t && mkdir %t
// RUN: not weft-import %t 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: {{.*}}/config.json: cannot open the file: No such file or directory
// RUN: not weft-import %t/nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: {{.*}}/nothing: no such file or directory
// RUN: echo "x" > %t/x.bin
// RUN: not weft-import %t/x.bin 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: error: {{.*}}/x.bin: expected a Hugging Face directory, a .gguf or .onnx file or a .mlir text but got a file of another kind
