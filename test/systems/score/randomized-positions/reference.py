"""Ruoss et al. 2023, section 3: positions drawn by the host, the same in each row of the batch or not."""
from library import *

ORACLE = "rotary positions at the drawn numbers"
RAGGED = True


def rope(x, angle):
    """Turns pairs of channels r and r + 4; `angle` is batch x tokens x pairs."""
    c, s = np.cos(angle)[:, :, None], np.sin(angle)[:, :, None]
    a, b = x[..., :4], x[..., 4:]
    return np.concatenate([a * c - b * s, a * s + b * c], -1)


def inputs(rng, n):
    return qkv(rng, n) | {"positions": np.stack([np.sort(rng.choice(500, n, replace=False)) for _ in range(2)])}


def reference(q, k, v, positions):
    angle = positions[..., None] * np.array([1.0, 0.1, 0.01, 0.001])
    return weigh(softmax(scores(rope(q, angle), rope(k, angle)), causal(q.shape[1])), v)
