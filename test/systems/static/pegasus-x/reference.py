"""Phang et al. 2022, section 3: staggered block-local attention with global tokens."""
from library import *

ORACLE = "one softmax over block and global keys"


def inputs(rng, n):
    return qkv(rng, n) | {name + "g": x for name, x in qkv(rng, 4).items()}


def reference(q, k, v, qg, kg, vg):
    n = q.shape[1]
    i, j = grid(n)
    keys, values = np.concatenate([k, kg], 1), np.concatenate([v, vg], 1)
    see = lambda block: np.concatenate([block, np.ones((n, 4), bool)], 1)
    return {"out": weigh(softmax(scores(q, keys), see(i // 8 == j // 8)), values),
            "staggered": weigh(softmax(scores(q, keys), see((i + 4) // 8 == (j + 4) // 8)), values),
            "global": weigh(softmax(scores(qg, keys)), values)}
