"""Veisi et al. 2025: context-aware biases, q k scaled by 1."""
from library import *

ORACLE = "c_i - c_j in full"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"x": rng.standard_normal((2, n, 8)), "w": rng.standard_normal((4, 8)) / 3}


def reference(q, k, v, x, w):
    c = np.cumsum(-np.log1p(np.exp(x @ w.T)), 1).transpose(0, 2, 1)
    s = scores(q, k, 1.0) + c[..., :, None] - c[..., None, :]
    return weigh(softmax(s, causal(q.shape[1])), v)
