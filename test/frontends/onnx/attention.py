#!/usr/bin/env python3
"""Attention and RotaryEmbedding, and attention as exporters write it, against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree
# CHECK: 1 results agree
# CHECK: attention is one op

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(4)
f32 = np.float32


def normal(*shape):
    return rng.normal(size=shape).astype(f32)


def attend(q, k, v, bias=0, cap=0, scale=None):
    """Heads first; float64; rows without a key are zeros."""
    q, k, v = (t.astype(float) for t in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat(group, 1), v.repeat(group, 1)
    s = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    s = cap * np.tanh(s / cap) if cap else s
    s = s + bias
    top = s.max(-1, keepdims=True)
    e = np.exp(s - np.where(np.isinf(top), 0, top))
    total = e.sum(-1, keepdims=True)
    p = np.where(total == 0, 0, e / np.where(total == 0, 1, total))
    return (p @ v).astype(f32), s.astype(f32), p.astype(f32)


c = Cases(opset=25)
q, k, v = (c.input("q", normal(2, 4, 5, 8)), c.input("k", normal(2, 2, 7, 8)),
           c.input("v", normal(2, 2, 7, 6)))
i, j = np.arange(5)[:, None], np.arange(7)[None]


def allow(pairs):
    return np.where(pairs, 0, -np.inf)


c.add("Attention", "q k v", attend(q, k, v)[0])
c.add("Attention", "q k v", attend(q, k, v, allow(j <= i))[0], is_causal=1)
c.add("Attention", "q k v", attend(q, k, v, cap=2, scale=0.7)[0], softcap=2.0, scale=0.7)
c.add("Attention", "q k v", attend(q, k, v, allow((i - j <= 1) & (j - i <= 2)))[0],
      left_window_size=1, right_window_size=2)
seen = c.input("seen", rng.random((2, 1, 5, 7)) < 0.5)
seen[0, 0, 3] = False
c.add("Attention", "q k v seen", attend(q, k, v, allow(seen))[0])
bias = c.input("bias", normal(4, 5, 7))
c.add("Attention", "q k v bias", attend(q, k, v, bias + allow(j <= i))[0], is_causal=1)
short = c.input("short", normal(5, 4))
c.add("Attention", "q k v short",
      attend(q, k, v, np.pad(short, [(0, 0), (0, 3)], constant_values=-np.inf))[0])
length = c.input("length", np.array([6, 4], np.int64))
n = length.reshape(2, 1, 1, 1)
c.add("Attention", "q k v none none none length",
      attend(q, k, v, allow(j < n))[0])
c.add("Attention", "q k v none none none length",
      attend(q, k, v, allow((j < n) & (j <= i + n - 5)))[0], is_causal=1)
pk, pv = c.input("pk", normal(2, 2, 3, 8)), c.input("pv", normal(2, 2, 3, 6))
kk, vv = np.concatenate([pk, k], 2), np.concatenate([pv, v], 2)
jj = np.arange(10)[None]
c.add("Attention", "q k v none pk pv", [attend(q, kk, vv, allow(jj <= i + 3))[0], kk, vv],
      is_causal=1)
whole, masked, shares = attend(q, k, v, allow(seen), 1.5)
plain, capped = attend(q, k, v)[1], attend(q, k, v, cap=1.5)[1]
for mode, scores in enumerate([plain, capped, masked, shares]):
    c.step("Attention", "q k v seen", f"y{mode} k{mode} v{mode} s{mode}",
           qk_matmul_output_mode=mode, softcap=1.5)
    c.result(f"y{mode}", whole, "weights applied")
    c.result(f"s{mode}", scores, f"scores in mode {mode}")
flat = [c.input("fq", normal(2, 5, 32)), c.input("fk", normal(2, 7, 16)),
        c.input("fv", normal(2, 7, 12))]
heads = [t.reshape(2, t.shape[1], h, -1).swapaxes(1, 2) for t, h in zip(flat, (4, 2, 2))]
c.add("Attention", "fq fk fv", attend(*heads)[0].swapaxes(1, 2).reshape(2, 5, 24),
      q_num_heads=4, kv_num_heads=2)

x = c.input("x", normal(2, 3, 5, 8))
angle = rng.random((9, 3))
cos, sin = c.input("cos", np.cos(angle).astype(f32)), c.input("sin", np.sin(angle).astype(f32))
at = c.input("at", np.array([[0, 1, 2, 3, 4], [8, 0, 3, 2, 1]], np.int64))
co, si = cos[at][:, None], sin[at][:, None]
left, right, rest = x[..., :3], x[..., 3:6], x[..., 6:]
c.add("RotaryEmbedding", "x cos sin at",
      np.concatenate([left * co - right * si, left * si + right * co, rest], -1),
      rotary_embedding_dim=6)
even, odd = x[..., 0:6:2], x[..., 1:6:2]
turned = np.stack([even * co - odd * si, even * si + odd * co], -1).reshape(2, 3, 5, 6)
c.add("RotaryEmbedding", "x cos sin at", np.concatenate([turned, rest], -1),
      rotary_embedding_dim=6, interleaved=1)
text = c.run(sys.argv[1] + "/op", tolerance=1e-5)

# Products and a softmax, with dynamic sizes, as frameworks export them.
c = Cases(opset=17)
x = c.input("x", normal(2, 6, 16), ["batch", "tokens", 16])
valid = c.input("valid", np.array([[1] * 6, [1] * 4 + [0] * 2], np.int64), ["batch", "tokens"])
ws = [c.constant(n, normal(16, 16)) for n in ("wq", "wk", "wv")]
for name, numbers in {"heads": [0, 0, 4, 4], "join": [0, 0, 16], "axes": [1, 2]}.items():
    c.constant(name, np.array(numbers, np.int64))
for n in "qkv":
    c.step("MatMul", f"x w{n}", f"{n}0")
    c.step("Reshape", f"{n}0 heads", f"{n}1")
    c.step("Transpose", f"{n}1", n, perm=[0, 2, 3, 1] if n == "k" else [0, 2, 1, 3])
c.step("MatMul", "q k", "s0")
c.constant("root", f32(2))
c.step("Div", "s0 root", "s1")
c.step("Cast", "valid", "seen", to=9)
c.step("Unsqueeze", "seen axes", "wide")
c.constant("zero", f32(0))
c.constant("lowest", f32(-1e9))
c.step("Where", "wide zero lowest", "bias")
c.step("Add", "s1 bias", "s2")
c.step("Softmax", "s2", "p", axis=-1)
c.step("MatMul", "p v", "o0")
c.step("Transpose", "o0", "o1", perm=[0, 2, 1, 3])
c.step("Reshape", "o1 join", "out")
h = [(x @ w).reshape(2, 6, 4, 4).swapaxes(1, 2) for w in ws]
y = attend(*h, np.where(valid, 0, -1e9)[:, None, None], scale=0.5)[0]
c.result("out", y.swapaxes(1, 2).reshape(2, 6, 16), dims=["batch", "tokens", 16])
text = c.run(sys.argv[1] + "/graph", tolerance=1e-5, flags=["--explain"])
ops = [line.split() for line in text.splitlines() if "weft.attention" in line]
if len(ops) == 1 and ops[0][2].startswith("attention") and "softmax" not in text:
    print("attention is one op")
