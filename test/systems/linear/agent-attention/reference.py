"""Han et al. 2024 (Agent Attention), eq. 5 and 6."""
from library import *

ORACLE = "eq. 6"
SIZES = (36,)


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 16, 16), "b1": rng.standard_normal((2, 9, n)), "b2": rng.standard_normal((2, n, 9)),
            "filter": rng.standard_normal((3, 3, 32)) / 3}


def reference(q, k, v, b1, b2, filter):
    a = q.reshape(2, 3, 2, 3, 2, 2, 16).mean((2, 4)).reshape(2, 9, 2, 16)
    out = weigh(softmax(scores(q, a) + b2), weigh(softmax(scores(a, k) + b1), v))
    padded = np.pad(v.reshape(2, 6, 6, 32), ((0, 0), (1, 1), (1, 1), (0, 0)))
    return out + sum(padded[:, i:i + 6, j:j + 6] * filter[i, j] for i in range(3) for j in range(3)).reshape(v.shape)
