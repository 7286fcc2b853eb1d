"""Su et al. 2021, eq. 15: pairs turned by m theta_i, theta_i = 10000^(-2i/d)."""
from library import *

ORACLE = "eq. 15 and 16 in complex numbers"
RAGGED = True


def turn(x):
    pairs = x[..., 0::2] + 1j * x[..., 1::2]
    theta = 10000.0 ** (-np.arange(4) / 4)
    pairs = pairs * np.exp(1j * np.arange(x.shape[1])[:, None, None] * theta)
    return np.stack([pairs.real, pairs.imag], -1).reshape(x.shape)


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    return weigh(softmax(scores(turn(q), turn(k)), causal(q.shape[1])), v)
