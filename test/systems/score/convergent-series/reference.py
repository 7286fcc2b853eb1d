"""Qin et al. 2023: a bias whose exponentials have a finite sum."""
from library import *

ORACLE = "weights times the series itself"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    i, j = grid(q.shape[1])
    w = np.exp(scores(q, k)) / (np.maximum(i - j, 0) + 1.0) ** 2 * (j <= i)
    return weigh(w / w.sum(-1, keepdims=True), v)
