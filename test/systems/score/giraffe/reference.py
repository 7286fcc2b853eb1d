"""Pal et al. 2023, section 3: truncated basis, then linear scaling."""
from library import *

ORACLE = "the edited frequencies by hand"
RAGGED = True


def rope(x, angle):
    """Turns pairs of channels r and r + 4; `angle` is batch x tokens x pairs."""
    c, s = np.cos(angle)[:, :, None], np.sin(angle)[:, :, None]
    a, b = x[..., :4], x[..., 4:]
    return np.concatenate([a * c - b * s, a * s + b * c], -1)


def inputs(rng, n):
    return qkv(rng, n) | {"s": np.full(4, 4.0)}


def reference(q, k, v, s):
    frequencies = np.array([1.0, 0.1, 0.03, 0.0]) / s
    angle = np.arange(q.shape[1])[None, :, None] * frequencies
    return weigh(softmax(scores(rope(q, angle), rope(k, angle)), causal(q.shape[1])), v)
