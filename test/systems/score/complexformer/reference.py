"""ComplexFormer 2025: polar scores with an affine change of the angle for each head."""
from library import *

ORACLE = "the sum over pairs in polar form"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n, key_heads=4) | {"adapt": np.array([1.0, 0.9, 1.2, 0.5]), "shift": np.array([0.1, -0.2, 0.3, 0.0]),
                                       "turn": np.array([1.0, 0.5, 2.0, 0.0])}


def reference(q, k, v, adapt, shift, turn):
    i, j = grid(q.shape[1])
    qc, kc = (x[..., :4] + 1j * x[..., 4:] for x in (q, k))
    angle = np.angle(qc)[:, :, None] - np.angle(kc)[:, None]
    angle = adapt[:, None] * angle + shift[:, None] + ((i - j)[..., None, None] * turn[:, None] * 10.0 ** -np.arange(4))
    s = np.einsum("bihr,bjhr,bijhr->bhij", abs(qc), abs(kc), np.cos(angle)) / np.sqrt(8)
    return weigh(softmax(s, j <= i), v)
