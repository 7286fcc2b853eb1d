"""Yu et al. 2022, eq. 5: each pixel goes to its best centre."""
from library import *

ORACLE = "eq. 5, one pixel after the other"


def inputs(rng, n):
    return {"c": rng.standard_normal((1, 5, 1, 8)), "k": rng.standard_normal((1, n, 1, 8)), "v": rng.standard_normal((1, n, 1, 8))}


def reference(c, k, v):
    out = c[:, None, :, 0].copy()
    for p in range(k.shape[1]):
        out[0, 0, np.argmax(c[0, :, 0] @ k[0, p, 0])] += v[0, p, 0]
    return out
