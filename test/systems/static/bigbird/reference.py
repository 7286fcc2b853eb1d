"""Zaheer et al. 2020, section 2: window, random and global blocks."""
from library import *

ORACLE = "the union of the three patterns"


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    n = q.shape[1]
    i, j = grid(n)
    drawn = np.zeros((10, 10), bool)
    drawn[np.arange(10), [7, 4, 0, 9, 1, 8, 2, 3, 5, 6]] = True
    allowed = (abs(i // 4 - j // 4) <= 1) | (i < 2) | (j < 2) | np.kron(drawn, np.ones((4, 4), bool))[:n, :n]
    return weigh(softmax(scores(q, k), allowed), v)
