"""Lin et al. 2025, eq. 6."""
from library import *

ORACLE = "eq. 6 with D in full"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"x": rng.standard_normal((2, n, 8)), "w": rng.standard_normal((4, 8)) / 3,
                          "bias": rng.standard_normal(4)}


def reference(q, k, v, x, w, bias):
    c = np.cumsum(np.log(1 / (1 + np.exp(-(x @ w.T + bias)))), 1).transpose(0, 2, 1)
    s = scores(q, k) + c[..., :, None] - c[..., None, :]
    return weigh(softmax(s, causal(q.shape[1])), v)
