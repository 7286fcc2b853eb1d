"""Wang et al. 2024, eq. 6."""
from library import *

ORACLE = "eq. 6"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"temperature": np.array([0.8, 1.0, 1.2, 1.5])}


def reference(q, k, v, temperature):
    return weigh(softmax(temperature[:, None, None] * scores(q, k), causal(q.shape[1])), v)
