"""Fuller et al. 2024: fields of view of 90 degrees right, left, down and up."""
from library import *

ORACLE = "fields of view from coordinates"


def inputs(rng, n):
    return qkv(rng, n) | {"slopes": np.array([1.0, 0.5, 0.25, 0.125])}


def reference(q, k, v, slopes):
    n = q.shape[1]
    i, j = grid(n)
    row = lambda p: (p - 1) // 6
    column = lambda p: (p - 1) % 6
    down, right = row(j) - row(i), column(j) - column(i)
    views = [right >= np.abs(down), -right >= np.abs(down), down >= np.abs(right), -down >= np.abs(right)]
    cls = (i == 0) | (j == 0)
    s = scores(q, k) - np.where(cls, 0, slopes[:, None, None] * np.hypot(down, right))
    return weigh(softmax(s, np.stack(views) | cls), v)
