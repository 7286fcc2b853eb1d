"""Mongaras et al. 2024, eq. 4 and 5: sim(Q, K) V scaled by n^-sigmoid(m)."""
from library import *

ORACLE = "eq. 5 as a masked matrix of cosines"


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 16, 16), "m": rng.standard_normal(2)}


def reference(q, k, v, m):
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
    w = scores(unit(q), unit(k), 1) * causal(q.shape[1])
    length = np.arange(1, q.shape[1] + 1)[:, None] ** (1 / (1 + np.exp(-m)))
    return weigh(w, v) / length[None, :, :, None]
