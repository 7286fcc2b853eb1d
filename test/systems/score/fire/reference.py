"""Li et al. 2023, eq. 2: functional interpolation of relative positions."""
from library import *

ORACLE = "eq. 2, with its MLP"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n) | {"c": np.array([0.7, 12.0]), "w1": rng.standard_normal(4), "b1": rng.standard_normal(4),
                          "w2": rng.standard_normal((4, 4))}


def reference(q, k, v, c, w1, b1, w2):
    n = q.shape[1]
    i, j = grid(n)
    psi = lambda x: np.log(c[0] * x + 1)
    x = psi(np.maximum(i - j, 0)) / psi(np.maximum(c[1], i))
    hidden = np.maximum(x[..., None] * w1 + b1, 0)
    bias = np.einsum("ijm,hm->hij", hidden, w2)
    return weigh(softmax(scores(q, k) + bias, j <= i), v)
