#!/usr/bin/env python3
"""LinearAttention by each rule and CausalConvWithState against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(5)
f32 = np.float32
c = Cases(opset=27)
B, T, HEADS, KEYS, ROWS, COLUMNS = 2, 7, 4, 2, 3, 5


def normal(*shape):
    return rng.normal(size=shape).astype(f32)


q, k, v = (c.input("q", normal(B, T, HEADS * ROWS)), c.input("k", normal(B, T, KEYS * ROWS)),
           c.input("v", normal(B, T, KEYS * COLUMNS)))
past = c.input("past", normal(B, KEYS, ROWS, COLUMNS))
head_decay = c.input("hd", -np.abs(normal(B, T, KEYS)))
row_decay = c.input("rd", -np.abs(normal(B, T, KEYS * ROWS)))
beta = c.input("beta", rng.random((B, T, KEYS)).astype(f32))
shared = c.input("shared", rng.random((B, T, 1)).astype(f32))


def scan(state, decay=None, beta=None, scale=ROWS ** -0.5):
    state = np.zeros((B, KEYS, ROWS, COLUMNS)) if state is None else state.astype(float)
    out = np.zeros((B, T, HEADS, COLUMNS))
    for t in range(T):
        kt, vt = k[:, t].reshape(B, KEYS, ROWS), v[:, t].reshape(B, KEYS, COLUMNS)
        if decay is not None:
            state = state * np.exp(decay[:, t].reshape(B, KEYS, -1))[..., None]
        if beta is not None:
            known = np.einsum("bhrc,bhr->bhc", state, kt)
            vt = beta[:, t][..., None] * (vt - known)
        state = state + kt[..., None] * vt[:, :, None]
        read = state.repeat(HEADS // KEYS, 1)
        out[:, t] = scale * np.einsum("bhr,bhrc->bhc", q[:, t].reshape(B, HEADS, ROWS), read)
    return [out.reshape(B, T, -1).astype(f32), state.astype(f32)]


heads = dict(q_num_heads=HEADS, kv_num_heads=KEYS)
c.add("LinearAttention", "q k v", scan(None), update_rule="linear", **heads)
c.add("LinearAttention", "q k v past", scan(past, scale=0.5), update_rule="linear", scale=0.5,
      **heads)
c.add("LinearAttention", "q k v past hd", scan(past, head_decay), update_rule="gated", **heads)
c.add("LinearAttention", "q k v past rd", scan(past, row_decay), update_rule="gated", **heads)
c.add("LinearAttention", "q k v none none beta", scan(None, None, beta), update_rule="delta",
      **heads)
c.add("LinearAttention", "q k v past hd beta", scan(past, head_decay, beta), **heads)
c.add("LinearAttention", "q k v past rd shared", scan(past, row_decay, shared), **heads)

x, w = c.input("x", normal(2, 3, 6)), c.input("w", normal(3, 1, 4))
bias, before = c.input("bias", normal(3)), c.input("before", normal(2, 3, 3))


def conv(before):
    whole = np.concatenate([before, x], 2)
    y = sum(whole[:, :, j:j + 6] * w[:, :, j][None] for j in range(4))
    return y, whole[:, :, -3:]


y, state = conv(np.zeros((2, 3, 3), f32))
c.add("CausalConvWithState", "x w", [y, state])
y, state = conv(before)
y = y + bias[:, None]
c.add("CausalConvWithState", "x w bias before", [y / (1 + np.exp(-y)), state],
      activation="silu")
c.run(sys.argv[1], tolerance=1e-5)
