"""Liu et al. 2022: each layer is softmax attention or cosFormer (Qin et al. 2022, eq. 10), with its own heads and width."""
from library import *

ORACLE = "softmax attention and eq. 10 of cosFormer as matrices of weights"
M = 64


def inputs(rng, n):
    draw = lambda *shape: rng.standard_normal(shape) / shape[-1] ** 0.5
    return {"x": rng.standard_normal((2, n, 32)), "w1": draw(48, 32), "o1": draw(32, 16), "w2": draw(72, 32), "o2": draw(32, 24)}


def reference(x, w1, o1, w2, o2):
    n = x.shape[1]
    split = lambda p, h: p.reshape(len(p), n, 3, h, -1).transpose(2, 0, 1, 3, 4)
    q, k, v = split(x @ w1.T, 2)
    x = x + weigh(softmax(scores(q, k), causal(n)), v).reshape(len(x), n, 16) @ o1.T
    q, k, v = split(x @ w2.T, 4)
    i, j = grid(n)
    w = scores(np.maximum(q, 0), np.maximum(k, 0), 1) * np.cos(np.pi * (i - j) / (2 * M)) * (j <= i)
    w = w / np.where(w.sum(-1, keepdims=True) == 0, 1, w.sum(-1, keepdims=True))
    return x + weigh(w, v).reshape(len(x), n, 24) @ o2.T
