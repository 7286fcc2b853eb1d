"""Child et al. 2019, section 4.3, l = 8, c = 2."""
from library import *

ORACLE = "section 4.3, both patterns"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    i, j = grid(q.shape[1])
    s, past = scores(q, k), j <= i
    strided = past & ((i - j < 8) | ((i - j) % 8 == 0))
    fixed = past & ((i // 8 == j // 8) | (j % 8 >= 6))
    return {"out": weigh(softmax(s, strided), v), "fixed": weigh(softmax(s, fixed), v)}
