"""Nakanishi 2025, eq. 2."""
from library import *

ORACLE = "eq. 2, powers of n"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"s": np.array([0.3, 0.43, 0.6, 1.0])}


def reference(q, k, v, s):
    i, j = grid(q.shape[1])
    n = i + 1.0
    w = n ** (s[:, None, None] * scores(q, k)) * (j <= i)
    return weigh(w / w.sum(-1, keepdims=True), v)
