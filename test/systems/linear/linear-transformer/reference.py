"""Katharopoulos et al. 2020, eq. 8 and 9: the sum over keys, not the recurrence."""
from library import *

ORACLE = "eq. 8 as a masked matrix of weights"
GOLDEN = "fla-core"


def phi(x):
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def inputs(rng, n):
    return qkv(rng, n, 2, 2, 16, 12)


def reference(q, k, v):
    w = scores(phi(q), phi(k), 1) * causal(q.shape[1])
    return weigh(w / w.sum(-1, keepdims=True), v)
