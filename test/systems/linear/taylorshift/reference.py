"""Nauen et al. 2024, eq. 1 to 4: the direct form, which holds the N x N weights."""
from library import *

ORACLE = "the direct form, eq. 1; 48 tokens take it"
ALSO = {"short.mlir": (48,)}  # takes the direct form


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 8, 8), "tau": rng.uniform(0.5, 3, 2)}


def reference(q, k, v, tau):
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
    s = scores(unit(q) * tau[:, None], unit(k), 1)
    w = 1 + s + s ** 2 / 2
    return weigh(w / w.sum(-1, keepdims=True), v)
