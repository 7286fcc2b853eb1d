#!/usr/bin/env python3
"""Makes `golden.npz` of systems that a package has: its inputs and what it computes, in f64 where it can.

usage: make_golden.py      in an environment with torch, transformers 5.24, fla-core 0.6, linformer 0.2.3, einops.
Not needed by the tests, which read the files.
"""
import importlib.util
import pathlib

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
torch.manual_seed(5)


def save(system, **arrays):
    """f32, which the inputs hold exactly."""
    np.savez_compressed(HERE / system / "golden.npz", **{k: np.ascontiguousarray(v.detach().numpy(), "f") for k, v in arrays.items()})


def rounded(*sizes):
    return torch.randn(*sizes).double()


def heads(x):
    return x.view(*x.shape[:2], 2, 16)


def linear_transformer():
    # The file alone: the package imports its GPU kernels.
    folder = pathlib.Path(importlib.util.find_spec("fla").origin).parent
    spec = importlib.util.spec_from_file_location("naive", folder / "ops/linear_attn/naive.py")
    naive = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(naive)
    q, k, v = rounded(1, 21, 2, 16), rounded(1, 21, 2, 16), rounded(1, 21, 2, 12)
    phi = lambda x: torch.nn.functional.elu(x) + 1
    out, _ = naive.naive_recurrent_linear_attn(phi(q), phi(k), v, normalize=True)
    save("linear-transformer", q=q, k=k, v=v, out=out)


def linformer():
    from linformer import LinformerSelfAttention
    module = LinformerSelfAttention(32, 32, k=8, heads=2).double()
    module.to_out = torch.nn.Identity()
    given = {}
    for name in "qkv":  # What is projected is what the description takes, as f32.
        getattr(module, f"to_{name}").register_forward_hook(
            lambda _, args, y, name=name: given.setdefault(name, y.float().double()))
    for matrix in (module.proj_k, module.proj_v):
        matrix.data = (torch.randn(32, 8) / 4).double()
    out = module(rounded(1, 32, 32))
    save("linformer", **{n: heads(x) for n, x in given.items()}, e=module.proj_k.T, f=module.proj_v.T, out=heads(out))


def nystromformer():
    from transformers import NystromformerConfig
    from transformers.models.nystromformer.modeling_nystromformer import NystromformerSelfAttention
    torch.set_default_dtype(torch.float64)
    module = NystromformerSelfAttention(NystromformerConfig(
        hidden_size=32, num_attention_heads=2, num_landmarks=8, segment_means_seq_len=32, conv_kernel_size=5,
        attention_probs_dropout_prob=0.0))
    module.init_option = "exact"
    given = {}
    for name in ("query", "key", "value"):
        layer = getattr(module, name)
        torch.nn.init.normal_(layer.weight, std=32 ** -0.5)
        layer.register_forward_hook(lambda _, args, y, name=name: given.setdefault(name[0], y.float().double()))
    filters = module.conv.weight.data = torch.randn(2, 1, 5, 1).float().double() / 4
    out = module(torch.randn(2, 32, 32))[0]
    # One filter a head, for each of its channels.
    filters = filters[:, 0, :, 0].T[:, None, :].repeat_interleave(16, 2)
    save("nystromformer", **{n: heads(x) for n, x in given.items()}, filter=filters, out=heads(out))


linear_transformer()
linformer()
nystromformer()
