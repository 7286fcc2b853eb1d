// What a GGUF file may not say: each is an error that names it.
// RUN: sed 's/llama/gemma/g' %S/models/llama.gguf > %t.gguf
// RUN: not weft-import %t.gguf 2>&1 | FileCheck %s --check-prefix=ARCHITECTURE
// ARCHITECTURE: error: {{.*}}.gguf: general.architecture: expected one of bert, gpt2, llama, qwen2, qwen3, mamba but got "gemma"

// RUN: sed 's/llama.block_count/llama.block_total/' %S/models/llama.gguf > %t.gguf
// RUN: not weft-import %t.gguf 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}.gguf: llama.block_count: expected an integer from 1 to 10000 but got nothing

// RUN: sed 's/llama.rope.freq_base/llama.rope.freq_bass/' %S/models/llama.gguf > %t.gguf
// RUN: not weft-import %t.gguf 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: {{.*}}.gguf: llama.rope.freq_bass: is not supported: this attribute is not known for this model family; its value is 10000.0

// RUN: sed 's/blk.1.ffn_norm/blk.7.ffn_norm/' %S/models/llama.gguf > %t.gguf
// RUN: not weft-import %t.gguf 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: {{.*}}.gguf: tensor "blk.1.ffn_norm.weight": expected a tensor of shape [64] but got none of this name

// RUN: head -c 2000 %S/models/llama.gguf > %t.gguf
// RUN: not weft-import %t.gguf 2>&1 | FileCheck %s --check-prefix=SHORT
// SHORT: error: {{.*}}.gguf: {{.*}}tensor{{.*}}: expected
