"""Zhang et al. 2024, eq. 3 and 6."""
from library import *

ORACLE = "eq. 6 as a masked matrix of weights"


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 16, 16), "w": rng.standard_normal((2, 8, 16)) / 4, "b": rng.standard_normal((2, 8)) / 4}


def reference(q, k, v, w, b):
    phi = lambda x: (lambda y: np.concatenate([np.exp(y), np.exp(-y)], -1))(np.einsum("bthd,hfd->bthf", x, w) + b)
    weights = scores(phi(q), phi(k), 1) * causal(q.shape[1])
    return weigh(weights / weights.sum(-1, keepdims=True), v)
