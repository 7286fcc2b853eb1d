"""Qin et al. 2022, eq. 9 and 10, the cosine of the distance itself."""
from library import *

ORACLE = "eq. 10 as a masked matrix of weights"
M = 64


def inputs(rng, n):
    given = qkv(rng, n, 2, 2, 16, 16)
    return {**given, "q": given["q"] + 0.5, "k": given["k"] + 0.5}


def reference(q, k, v):
    i, j = grid(q.shape[1])
    w = scores(np.maximum(q, 0), np.maximum(k, 0), 1) * np.cos(np.pi * (i - j) / (2 * M)) * (j <= i)
    return weigh(w / w.sum(-1, keepdims=True), v)
