"""Condevaux and Harispe 2022, section 3, with pooling as the selection."""
from library import *

ORACLE = "one softmax over local, pooled and global keys"
SIZES = (4, 8, 36)


def inputs(rng, n):
    return qkv(rng, n) | {name + "g": x for name, x in qkv(rng, 2).items() if name != "q"}


def reference(q, k, v, kg, vg):
    n = q.shape[1]
    mean = lambda x: x.reshape(x.shape[0], n // 4, 4, *x.shape[2:]).mean(2)
    i, j = grid(n)
    block = np.arange(n // 4)[None]
    keys, values = np.concatenate([k, mean(k), kg], 1), np.concatenate([v, mean(v), vg], 1)
    allowed = np.concatenate([abs(i // 4 - j // 4) <= 1, abs(i // 4 - block) > 1, np.ones((n, 2), bool)], 1)
    return weigh(softmax(scores(q, keys), allowed), values)
