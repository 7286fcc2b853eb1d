"""Dolga et al. 2024, eq. 8 to 10."""
from library import *

ORACLE = "eq. 8 as softmaxes over latents and over the tokens so far"


def inputs(rng, n):
    given = qkv(rng, n, 2, 2, 8, 16)
    # So large that exp of some keys overflows in f32.
    return {**given, "k": 40 * rng.standard_normal((2, n, 2, 8))}


def reference(q, k, v):
    n = q.shape[1]
    over_time = softmax(np.broadcast_to(k.transpose(0, 2, 3, 1)[:, :, :, None], (len(k), 2, 8, n, n)), causal(n))
    means = np.einsum("bhlts,bshd->bthld", over_time, v)
    return np.einsum("bthl,bthld->bthd", softmax(q), means)
