"""Wang et al. 2020, eq. 7."""
from library import *

ORACLE = "eq. 7"
GOLDEN = "linformer, the package"
SIZES = (32,)


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 16, 16), "e": rng.standard_normal((8, n)) / 4, "f": rng.standard_normal((8, n)) / 4}


def reference(q, k, v, e, f):
    along = lambda m, x: np.einsum("mn,bnhd->bmhd", m, x)
    return weigh(softmax(scores(q, along(e, k))), along(f, v))
