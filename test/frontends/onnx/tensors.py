#!/usr/bin/env python3
"""Products, norms, reductions, indices and order against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(3)
i64 = np.int64
c = Cases(opset=26)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


x = c.input("x", normal(2, 3, 4))
y = c.input("y", normal(2, 4, 5))
a = c.input("a", normal(4, 6))
v = c.input("v", normal(4))
w = c.constant("w", normal(4, 40))
bias = c.constant("bias", normal(40))
c.add("MatMul", "x y", x @ y)
c.add("MatMul", "x a", x @ a)
c.add("MatMul", "x v", x @ v)
c.add("MatMul", "v a", v @ a)
c.add("MatMul", "x w", x @ w)
r = c.input("r", normal(3, 4))
c.add("Gemm", "r w bias", 0.5 * (r @ w) + 2 * bias, alpha=0.5, beta=2.0)
c.add("Gemm", "a r", a.T @ r.T, transA=1, transB=1)
c.add("Einsum", "x y", np.einsum("bij,bjk->bki", x, y), equation="bij,bjk->bki")
c.add("Einsum", "x", np.einsum("...ij->...i", x), equation="...ij->...i")
m = x.max(-1, keepdims=True)
e = np.exp(x - m)
c.add("Softmax", "x", e / e.sum(-1, keepdims=True))
e1 = np.exp(x - x.max(1, keepdims=True))
c.add("Softmax", "x", e1 / e1.sum(1, keepdims=True), axis=1)
c.add("LogSoftmax", "x", x - m - np.log(e.sum(-1, keepdims=True)))

scale, shift = c.constant("scale", normal(4)), c.constant("shift", normal(4))
mean = x.mean(-1, keepdims=True)
inverse = 1 / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + np.float32(1e-3))
c.add("LayerNormalization", "x scale shift",
      [(x - mean) * inverse * scale + shift, mean, inverse], epsilon=1e-3)
c.add("RMSNormalization", "x scale",
      x / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-5).astype(np.float32) * scale)

c.constant("axes", np.array([0, 2], i64))
c.add("ReduceSum", "x axes", x.sum((0, 2), keepdims=True))
c.add("ReduceMean", "x axes", x.mean((0, 2)), keepdims=0)
c.add("ReduceMax", "x axes", x.max((0, 2), keepdims=True))
c.add("ReduceL2", "x axes", np.sqrt((x ** 2).sum((0, 2), keepdims=True)))
c.add("ReduceLogSumExp", "x axes", np.log(np.exp(x).sum((0, 2), keepdims=True)))
c.add("ReduceProd", "x axes", x.prod((0, 2), keepdims=True))

t = c.input("t", np.array([[3, 1, 3, 2, 0], [5, 5, 4, 9, 9]], np.float32))
c.constant("k", np.array([3], i64))
c.add("TopK", "t k", [np.array([[3, 3, 2], [9, 9, 5]], np.float32),
                      np.array([[0, 2, 3], [3, 4, 0]], i64)])
c.add("TopK", "t k", [np.array([[0, 1, 2], [4, 5, 5]], np.float32),
                      np.array([[4, 1, 3], [2, 0, 1]], i64)], largest=0)
c.add("ArgMax", "t", t.argmax(1)[:, None], axis=1)
c.add("ArgMax", "t", np.array([2, 4], i64), axis=1, keepdims=0, select_last_index=1)
c.add("ArgMin", "t", t.argmin(1)[:, None], axis=1)
c.add("Hardmax", "t", np.eye(t.shape[1], dtype=np.float32)[t.argmax(1)], axis=1)
c.constant("one", np.array(1, i64))
c.add("CumSum", "t one", t.cumsum(1))
c.add("CumSum", "t one", np.cumsum(t[:, ::-1], 1)[:, ::-1] - t, exclusive=1, reverse=1)

places = c.input("places", np.array([[0, -1], [1, 2]], i64))
c.add("GatherND", "x places", np.stack([x[0, -1], x[1, 2]]))
picks = c.input("picks", np.array([[1, 0, 2, 2, 1], [0, 0, 0, 0, 4]], i64))
c.add("GatherElements", "t picks", np.take_along_axis(t, picks, 1), axis=1)
rows = c.input("rows", normal(2, 4))
s = x.copy()
s[[0, 1], [-1, 2]] = rows
c.add("ScatterND", "x places rows", s)
write = c.input("write", np.array([2, 0], i64))
cache, new = c.input("cache", normal(2, 2, 5, 3)), c.input("new", normal(2, 2, 2, 3))
s = cache.copy()
s[0, :, 2:4], s[1, :, 0:2] = new[0], new[1]
c.add("TensorScatter", "cache new write", s)
write = c.input("late", np.array([4, 1], i64))
s = cache.copy()
s[0, :, 4], s[0, :, 0], s[1, :, 1:3] = new[0, :, 0], new[0, :, 1], new[1]
c.add("TensorScatter", "cache new late", s, mode="circular")

# An index outside gives zeros and reads nothing.
wild = c.input("wild", np.array([1, 7, -9], i64))
c.add("Gather", "t wild", np.stack([t[:, 1], 0 * t[:, 0], 0 * t[:, 0]], 1), axis=1)
c.run(sys.argv[1], tolerance=5e-6)
