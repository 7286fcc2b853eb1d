"""Ramapuram et al. 2024, eq. 2 and section 4."""
from library import *

ORACLE = "sigmoid by tanh"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"slopes": np.array([0.5, 0.25, 0.125, 0.0625]), "b": np.array([-np.log(37)])}


def reference(q, k, v, slopes, b):
    i, j = grid(q.shape[1])
    s = scores(q, k) - slopes[:, None, None] * (i - j) + b[0]
    return weigh(0.5 * (1 + np.tanh(s / 2)) * (j <= i), v)
