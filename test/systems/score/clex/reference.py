"""Chen et al. 2023, eq. 9 and 12, by steps of Euler."""
from library import *

ORACLE = "eq. 9 and 12 by the same steps"
RAGGED = True


def rope(x, angle):
    """Turns pairs of channels r and r + 4; `angle` is batch x tokens x pairs."""
    c, s = np.cos(angle)[:, :, None], np.sin(angle)[:, :, None]
    a, b = x[..., :4], x[..., 4:]
    return np.concatenate([a * c - b * s, a * s + b * c], -1)


def inputs(rng, n):
    return qkv(rng, n) | {"t": np.array([2.0]), "up": rng.standard_normal((8, 4)) / 4,
                          "uptime": rng.standard_normal(8) / 4, "down": rng.standard_normal((4, 8)) / 4}


def reference(q, k, v, t, up, uptime, down):
    z = np.log(10.0 ** -np.arange(4))
    h = (t[0] - 1) / 8
    for step in range(8):
        u = up @ z + uptime * (1 + step * h)
        z = z + h * (down @ (u / (1 + np.exp(-u))))
    angle = np.arange(q.shape[1])[None, :, None] * np.exp(z)
    return weigh(softmax(scores(rope(q, angle), rope(k, angle)), causal(q.shape[1])), v)
