"""Dao et al. 2022, algorithms 1 and 5: exact attention, and over listed blocks only."""
from library import *

ORACLE = "exact softmax attention, dense and over the listed blocks"
BLOCKS = ((0,), (1, 0), (2, 0))


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    n = q.shape[1]
    listed = np.zeros((n, n), bool)
    for row, blocks in enumerate(BLOCKS):
        for block in blocks:
            listed[16 * row:16 * row + 16, 16 * block:16 * block + 16] = True
    s = scores(q, k)
    return {"out": weigh(softmax(s), v), "sparse": weigh(softmax(s, listed), v)}
