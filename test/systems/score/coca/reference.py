"""Zhu et al. 2023, eq. 11, the sum over pairs itself."""
from library import *

ORACLE = "eq. 11, without the rewriting"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"k": rng.standard_normal((2, n, 2, 4))}


def reference(q, k, v):
    n = q.shape[1]
    t = np.repeat(np.maximum(k, 0), 2, axis=2)
    size = q[..., :4] ** 2 + q[..., 4:] ** 2
    i, j = grid(n)
    turn = np.cos((i - j)[..., None] * 10.0 ** -np.arange(4))
    s = np.einsum("bihr,bjhr,ijr->bhij", size, t, turn) / np.sqrt(8)
    return weigh(softmax(s, j <= i), v)
