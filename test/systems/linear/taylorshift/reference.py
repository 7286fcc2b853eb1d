"""Nauen et al. 2024, eq. 1 to 4: the direct form, which holds the N x N weights."""
from library import *

ORACLE = "the direct form, eq. 1, which is taken below 43 tokens"
SIZES = (1, 37, 42, 43, 60)


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 6, 6), "tau": rng.uniform(0.5, 3, 2)}


def reference(q, k, v, tau):
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
    s = scores(unit(q) * tau[:, None], unit(k), 1)
    w = 1 + s + s ** 2 / 2
    return weigh(w / w.sum(-1, keepdims=True), v)
