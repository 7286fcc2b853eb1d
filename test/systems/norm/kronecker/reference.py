"""Alman and Song 2023, definition 1.4."""
from library import *

ORACLE = "definition 1.4"
SIZES = (1, 5, 9)


def inputs(rng, n):
    return qkv(rng, n) | {"k2": rng.standard_normal((2, n, 2, 8)), "v2": rng.standard_normal((2, n, 2, 8))}


def reference(q, k, v, k2, v2):
    n = q.shape[1]
    pairs = lambda x, y: np.einsum("bjhd,bkhd->bjkhd", x, y).reshape(x.shape[0], n * n, *x.shape[2:])
    return weigh(softmax(scores(q, pairs(k, k2), 1 / 8)), pairs(v, v2))
