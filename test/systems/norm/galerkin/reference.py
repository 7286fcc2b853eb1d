"""Cao 2021, eq. 5 and 6."""
from library import *

ORACLE = "eq. 5 and 6"


def inputs(rng, n):
    return qkv(rng, n, key_heads=4)


def reference(q, k, v):
    norm = lambda x: (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    n = q.shape[1]
    kn, vn, qn = norm(k), norm(v), norm(q)
    galerkin = np.einsum("bihd,bhde->bihe", q, np.einsum("bjhd,bjhe->bhde", kn, vn)) / n
    return {"out": galerkin, "fourier": weigh(scores(qn, kn, 1.0) / n, v)}
