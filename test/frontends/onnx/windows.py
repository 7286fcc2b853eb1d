#!/usr/bin/env python3
"""Convolutions, pools, losses, angles and rests of floats, against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(5)
c = Cases(opset=22)
draw = lambda *shape: rng.normal(size=shape).astype(np.float32)


def windows(x, kernel, strides, dilations):
    """The windows of a padded image, batch x channels x places x elements, by loops."""
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    places = [(n - e) // s + 1 for n, e, s in zip(x.shape[2:], extent, strides)]
    out = np.zeros(x.shape[:2] + tuple(places) + tuple(kernel))
    for at in np.ndindex(*places):
        cut = tuple(slice(p * s, p * s + e, d) for p, s, e, d in zip(at, strides, extent, dilations))
        out[(slice(None), slice(None)) + at] = x[(slice(None), slice(None)) + cut]
    return out


def pad(x, pads, fill=0.0):
    half = len(pads) // 2
    return np.pad(x.astype(np.float64), [(0, 0), (0, 0)] + list(zip(pads[:half], pads[half:])), constant_values=fill)


x, w = c.input("x", draw(2, 6, 9, 7)), c.constant("w", draw(4, 6, 3, 2))
bias = c.input("bias", draw(4))
want = np.einsum("nchwij,mcij->nmhw", windows(pad(x, [1, 0, 2, 1]), (3, 2), (2, 1), (1, 2)), w)
c.add("Conv", "x w bias", (want + bias[:, None, None]).astype(np.float32), pads=[1, 0, 2, 1], strides=[2, 1],
      dilations=[1, 2])
g = c.input("g", draw(4, 3, 3, 3))  # weights that are data, in two groups
cut = windows(pad(x, [0] * 4), (3, 3), (1, 1), (1, 1))
want = np.concatenate([np.einsum("nchwij,mcij->nmhw", cut[:, :3], g[:2]),
                       np.einsum("nchwij,mcij->nmhw", cut[:, 3:], g[2:])], 1)
c.add("Conv", "x g", want.astype(np.float32), group=2)
s, f = c.input("s", draw(1, 3, 11)), c.constant("f", draw(5, 3, 4))
want = np.einsum("nchi,mci->nmh", windows(pad(s, [3, 0]), (4,), (1,), (1,)), f)
c.add("Conv", "s f", want.astype(np.float32), pads=[3, 0])
# Transposed: each element of the input adds the window to the result.
t = c.constant("t", draw(3, 2, 4))
spread = np.zeros((1, 2, 10 * 3 + 4))
for i in range(11):
    spread[:, :, 3 * i:3 * i + 4] += np.einsum("nc,cmk->nmk", s[:, :, i], t)
c.add("ConvTranspose", "s t", spread[:, :, 1:].astype(np.float32), strides=[3], pads=[1, 0])

padded = windows(pad(x, [1, 1, 1, 1], -np.inf), (3, 3), (2, 2), (1, 1))
best = padded.max((-1, -2)).astype(np.float32)
where = np.zeros(best.shape, np.int64)
for at in np.ndindex(*best.shape):
    n, ch, i, j = at
    k = np.unravel_index(np.argmax(padded[at]), (3, 3))
    where[at] = ((n * 6 + ch) * 9 + 2 * i + k[0] - 1) * 7 + 2 * j + k[1] - 1
c.add("MaxPool", "x", [best, where], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
ones = pad(np.ones_like(x), [1, 1, 1, 1])
mean = windows(pad(x, [1, 1, 1, 1]), (3, 3), (2, 2), (1, 1)).sum((-1, -2)) / windows(ones, (3, 3), (2, 2), (1, 1)).sum((-1, -2))
c.add("AveragePool", "x", mean.astype(np.float32), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
norm = np.abs(windows(x.astype(np.float64), (2, 2), (1, 1), (1, 1)) ** 3).sum((-1, -2)) ** (1 / 3)
c.add("LpPool", "x", norm.astype(np.float32), kernel_shape=[2, 2], p=3)
c.add("GlobalAveragePool", "x", x.mean((2, 3), keepdims=True))
c.add("GlobalMaxPool", "x", x.max((2, 3), keepdims=True))

scores, labels = c.input("scores", draw(5, 4, 3)), c.input("labels", rng.integers(0, 4, (5, 3)))
weights = c.input("weights", np.abs(draw(4)))
logs = scores.astype(np.float64) - np.log(np.exp(scores.astype(np.float64)).sum(1, keepdims=True))
took = np.take_along_axis(logs, labels[:, None], 1)[:, 0]
each = np.where(labels == 2, 0, weights[labels])
c.add("SoftmaxCrossEntropyLoss", "scores labels weights", np.float32((-took * each).sum() / each.sum()), ignore_index=2)
c.add("NegativeLogLikelihoodLoss", "scores labels", -np.take_along_axis(scores, labels[:, None], 1)[:, 0], reduction="none")

u = c.input("u", np.linspace(-1, 1, 21).astype(np.float32))
far = c.input("far", np.array([-3e4, -7.5, -1, -1e-3, 0, 1e-6, 0.4, 2, 90], np.float32))
above = c.input("above", np.array([1, 1.0001, 1.5, 20, 1e6], np.float32))
for op, name, values in [("Asin", "u", u), ("Acos", "u", u), ("Atan", "far", far), ("Asinh", "far", far),
                         ("Acosh", "above", above), ("Sinh", "u", u), ("Cosh", "u", u), ("Tan", "u", u)]:
    function = getattr(np, op.lower().replace("asin", "arcsin").replace("acos", "arccos").replace("atan", "arctan"))
    c.add(op, name, function(values.astype(np.float64)).astype(np.float32))
inner = c.input("inner", (u[1:-1]))
c.add("Atanh", "inner", np.arctanh(inner.astype(np.float64)).astype(np.float32))
d = c.input("d", np.array([2, -2.5, np.inf, 0.3, -7, 2, 3, -0.125, 11], np.float32))
c.add("Mod", "far d", np.fmod(far, d), fmod=1)
c.run(sys.argv[1], tolerance=4e-6)
