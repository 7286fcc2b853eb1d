"""Luo et al. 2022, eq. 7."""
from library import *

ORACLE = "eq. 7"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"c": rng.standard_normal((4, 64))}


def reference(q, k, v, c):
    i, j = grid(q.shape[1])
    return weigh(softmax(scores(q, k), j <= i) * c[:, np.maximum(i - j, 0)], v)
