"""Wortsman et al. 2023, eq. 1 with alpha = 1."""
from library import *

ORACLE = "eq. 1"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    return weigh(np.maximum(scores(q, k), 0) / q.shape[1], v)
