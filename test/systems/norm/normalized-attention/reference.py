"""Richter and Wattenhofer 2020, section 4; keys to come are left out of the statistics."""
from library import *

ORACLE = "section 4"
RAGGED = True
TOLERANCE = 1e-4  # a variance of few keys, beside epsilon


def inputs(rng, n):
    return qkv(rng, n) | {"gain": rng.standard_normal(4), "bias": rng.standard_normal(4)}


def reference(q, k, v, gain, bias):
    n = q.shape[1]
    allowed = causal(n)
    count = np.arange(1, n + 1)[:, None]
    s = scores(q, k)
    mean = (s * allowed).sum(-1, keepdims=True) / count
    variance = ((s - mean) ** 2 * allowed).sum(-1, keepdims=True) / count
    w = gain[:, None, None] * (s - mean) / np.sqrt(variance + 1e-5) + bias[:, None, None]
    return weigh(w * allowed, v)
