#!/usr/bin/env python3
"""Makes the tiny models of this folder: seeded random weights in the architectures of
the transformers package, and what that package computes with them. Run it in this
folder with torch, transformers, safetensors and gguf; the results are committed.

A model is config.json + model.safetensors; io.safetensors holds inputs (`in.NAME`) and
the result (`out`) of the eager run in f32. A `.gguf` model has its io beside it."""
import json
import os
import pathlib

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from safetensors.torch import load_file, save_file
from transformers import (AutoConfig, AutoModel, AutoModelForCausalLM,
                          AutoModelForImageClassification)

VOCAB, HIDDEN, TOKENS = 64, 32, 13
LLAMA = dict(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, head_dim=8,
             intermediate_size=48, max_position_embeddings=64, pad_token_id=None,
             bos_token_id=1, eos_token_id=2)
BERT = dict(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=2,
            num_attention_heads=4, intermediate_size=48, max_position_embeddings=40)
SMALL = dict(LLAMA, hidden_size=16, num_attention_heads=2, num_key_value_heads=1,
             intermediate_size=24)
VIT = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
           image_size=[12, 16], patch_size=[4, 8], num_channels=2)
MODELS = {
    "llama": ("llama", dict(LLAMA, attention_bias=True, mlp_bias=True)),
    "llama3_rope": ("llama", dict(LLAMA, num_hidden_layers=1, rope_parameters=dict(
        rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0,
        high_freq_factor=4.0, original_max_position_embeddings=16))),
    "yarn_rope": ("llama", dict(LLAMA, num_hidden_layers=1, rope_parameters=dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0,
        original_max_position_embeddings=16))),
    "mistral": ("mistral", dict(LLAMA, sliding_window=5)),
    "qwen2": ("qwen2", dict(LLAMA, use_sliding_window=True, sliding_window=4,
                            max_window_layers=1, tie_word_embeddings=True)),
    "qwen3": ("qwen3", dict(LLAMA, head_dim=12)),
    "granite": ("granite", dict(SMALL, embedding_multiplier=3.0, logits_scaling=2.0,
                                residual_multiplier=0.5, attention_multiplier=0.3)),
    "smollm3": ("smollm3", dict(SMALL, no_rope_layers=[1, 0])),
    "olmo2": ("olmo2", SMALL),
    "phi3": ("phi3", dict(SMALL, sliding_window=6)),
    "gemma": ("gemma", SMALL),
    "gemma2": ("gemma2", dict(SMALL, query_pre_attn_scalar=12, sliding_window=4)),
    "gemma3": ("gemma3_text", dict(SMALL, query_pre_attn_scalar=12, sliding_window=4,
                                   layer_types=["sliding_attention",
                                                "full_attention"])),
    "gpt2": ("gpt2", dict(vocab_size=VOCAB, n_embd=HIDDEN, n_layer=2, n_head=4,
                          n_inner=48, n_positions=40, bos_token_id=1,
                          eos_token_id=2)),
    "bert": ("bert", BERT),
    "roberta": ("roberta", dict(BERT, pad_token_id=1, type_vocab_size=1)),
    "mamba": ("mamba", dict(vocab_size=VOCAB, hidden_size=HIDDEN, num_hidden_layers=2,
                            state_size=4, time_step_rank=3, expand=2)),
    "vit": ("vit", dict(VIT, num_labels=5)),
    "vit_encoder": ("vit", dict(VIT, qkv_bias=False, hidden_act="gelu_pytorch_tanh")),
    "deit": ("deit", dict(VIT, num_labels=3,
                          architectures=["DeiTForImageClassification"])),
}


def randomise(model):
    """Norms and biases too: at their initial 1 and 0 a mistake would not show."""
    generator = torch.Generator().manual_seed(5)
    for name, p in model.named_parameters():
        if name.endswith("A_log"):
            continue
        noise = torch.randn(p.shape, generator=generator)
        is_norm = p.dim() == 1 and ("norm" in name.lower() or "ln_" in name)
        p.data = (1 + 0.2 * noise if is_norm and name.endswith("weight")
                  else noise / p.shape[-1] ** 0.5 if p.dim() > 1 else 0.2 * noise)


def inputs_of(kind):
    generator = torch.Generator().manual_seed(1)
    if kind in ("vit", "deit"):
        return dict(pixel_values=torch.randn(2, 2, 12, 16, generator=generator))
    ids = torch.randint(3, VOCAB, (2, TOKENS), generator=generator)
    if kind not in ("bert", "roberta"):
        return dict(input_ids=ids)
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    if kind == "roberta":
        ids = torch.where(mask == 0, torch.ones_like(ids), ids)
        ids[0, 4] = 1  # padding inside a text
    types = torch.zeros_like(ids)
    if kind == "bert":
        types[:, 6:] = 1
    return dict(input_ids=ids, attention_mask=mask, token_type_ids=types)


def run(model, inputs):
    with torch.no_grad():
        result = model(**inputs)
    return getattr(result, "logits", None) if hasattr(result, "logits") else result[0]


def save_io(path, inputs, out):
    save_file({**{"in." + k: v.contiguous() for k, v in inputs.items()},
               "out": out.contiguous()}, path, {"made by": "make_models.py"})
    os.chmod(path, 0o644)


def make(name, kind, settings):
    config = AutoConfig.for_model(kind, **settings)
    config._attn_implementation = "eager"
    torch.manual_seed(0)
    is_encoder = kind in ("bert", "roberta") or name.endswith("_encoder")
    make_model = (AutoModel if is_encoder else
                  AutoModelForImageClassification if kind in ("vit", "deit") else
                  AutoModelForCausalLM)
    kwargs = dict(add_pooling_layer=False) if is_encoder else {}
    model = make_model.from_config(config, **kwargs).eval()
    randomise(model)
    model.save_pretrained(name)
    os.chmod(f"{name}/model.safetensors", 0o644)
    pathlib.Path(f"{name}/generation_config.json").unlink(missing_ok=True)
    inputs = inputs_of(kind)
    save_io(f"{name}/io.safetensors", inputs, run(model, inputs))


def permute(weights, heads):
    """Rows of queries and keys as GGUF's llama has them: pairs are neighbours."""
    rows = weights.reshape(heads, 2, weights.shape[0] // heads // 2, -1)
    return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(weights.shape)


LLAMA_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm",
    "lm_head": "output", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "model.layers": "blk"}
GPT2_NAMES = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd",
    "transformer.ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down", "transformer.h": "blk"}
BERT_NAMES = {
    "embeddings.word_embeddings": "token_embd", "attention.self.query": "attn_q",
    "embeddings.token_type_embeddings": "token_types", "encoder.layer": "blk",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.LayerNorm": "token_embd_norm", "attention.self.key": "attn_k",
    "attention.self.value": "attn_v", "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
MAMBA_NAMES = {
    "backbone.embeddings": "token_embd", "backbone.norm_f": "output_norm",
    "mixer.in_proj": "ssm_in", "mixer.conv1d": "ssm_conv1d", "mixer.x_proj": "ssm_x",
    "mixer.dt_proj": "ssm_dt", "mixer.A_log": "ssm_a", "mixer.D": "ssm_d",
    "mixer.out_proj": "ssm_out", ".norm.": ".attn_norm.", "backbone.layers": "blk"}


def add_metadata(writer, kind, config):
    writer.add_context_length(getattr(config, "max_position_embeddings", 64))
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    if kind == "mamba":
        writer.add_feed_forward_length(0)
        writer.add_head_count(0)
        writer.add_ssm_conv_kernel(config.conv_kernel)
        writer.add_ssm_inner_size(config.intermediate_size)
        writer.add_ssm_state_size(config.state_size)
        writer.add_ssm_time_step_rank(config.time_step_rank)
        writer.add_layer_norm_rms_eps(config.layer_norm_epsilon)
        return
    writer.add_head_count(config.num_attention_heads)
    writer.add_feed_forward_length(config.n_inner if kind == "gpt2" else
                                   config.intermediate_size)
    if kind == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    elif kind == "bert":
        writer.add_layer_norm_eps(config.layer_norm_eps)
        writer.add_causal_attention(False)
        writer.add_uint32("bert.pooling_type", 2)
    else:
        writer.add_vocab_size(VOCAB)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_dimension_count(
            config.head_dim if kind == "llama" else
            config.hidden_size // config.num_attention_heads)
        writer.add_rope_freq_base(10000.0)


def convert(kind, config, full, data):
    """A parameter as GGUF stores it, and the way back."""
    heads = (config.num_attention_heads if ".q_proj." in full else
             getattr(config, "num_key_value_heads", 0))
    if kind == "llama" and (".q_proj." in full or ".k_proj." in full):
        return permute(data, heads), lambda x: x.reshape(
            heads, data.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(x.shape)
    if kind == "gpt2" and ".c_" in full and data.ndim == 2:
        return np.ascontiguousarray(data.T), lambda x: x.T
    if full.endswith("A_log"):
        return -np.exp(data), lambda x: np.log(-x)
    if full.endswith("conv1d.weight"):
        return data[:, 0], lambda x: x[:, None]
    return data, lambda x: x


def make_gguf(name, kind, settings, types, names):
    """`types` gives the storage of matrices, which is what they are then computed
    with: the reference runs on the numbers that the file holds."""
    config = AutoConfig.for_model(kind, **settings)
    config._attn_implementation = "eager"
    torch.manual_seed(0)
    model = (AutoModel.from_config(config, add_pooling_layer=False) if kind == "bert"
             else AutoModelForCausalLM.from_config(config)).eval()
    randomise(model)
    writer = GGUFWriter(name + ".gguf", kind)
    add_metadata(writer, kind, config)
    count = 0
    for full, p in model.named_parameters():
        gguf_name = full
        for ours, theirs in names.items():
            gguf_name = gguf_name.replace(ours, theirs)
        data, back = convert(kind, config, full, p.detach().numpy())
        whole = data.shape[-1] % 32 == 0 and "conv1d" not in full
        if data.ndim == 2 and whole and not full.endswith("A_log"):
            storage = GGMLQuantizationType[types[count % len(types)]]
            count += 1
            stored = quantize(data, storage)
            writer.add_tensor(gguf_name, stored, raw_dtype=storage)
            data = dequantize(stored, storage).reshape(data.shape)
        else:
            writer.add_tensor(gguf_name, data)
        p.data = torch.from_numpy(np.ascontiguousarray(back(data)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    inputs = inputs_of(kind)
    save_io(name + ".gguf.io.safetensors", inputs, run(model, inputs))


for name, (kind, settings) in MODELS.items():
    make(name, kind, settings)
GGUF = dict(LLAMA, hidden_size=64, head_dim=16, intermediate_size=64)
make_gguf("llama", "llama", dict(GGUF, attention_bias=False),
          ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16", "F32"], LLAMA_NAMES)
make_gguf("qwen2", "qwen2", {k: v for k, v in GGUF.items() if k != "head_dim"},
          ["Q8_0", "F16"], LLAMA_NAMES)
make_gguf("gpt2", "gpt2", dict(MODELS["gpt2"][1], n_layer=1, n_inner=64),
          ["Q8_0", "F16"], GPT2_NAMES)
make_gguf("bert", "bert", dict(BERT, num_hidden_layers=1, intermediate_size=64),
          ["F16", "Q8_0"], BERT_NAMES)
make_gguf("mamba", "mamba", dict(MODELS["mamba"][1], num_hidden_layers=1),
          ["F16", "Q4_0"], MAMBA_NAMES)
