"""Sun et al. 2022, eq. 12 in complex numbers: xi_r = (2 r / d + gamma) / (1 + gamma), here to the power 1 / 16."""
from library import *

ORACLE = "eq. 12, complex"
XI = ((2 * np.arange(4) / 8 + 0.4) / 1.4) ** (1 / 16)


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    i, j = grid(q.shape[1])
    base = XI ** np.arange(q.shape[1])[:, None]
    turn = np.exp(1j * np.arange(q.shape[1])[:, None] * 10.0 ** -np.arange(4))
    pairs = lambda x: np.repeat(x[..., :4] + 1j * x[..., 4:], 4 // x.shape[2], axis=2)
    qc = pairs(q) * (base * turn)[None, :, None]
    kc = pairs(k) * (turn / base)[None, :, None]
    s = np.einsum("bihr,bjhr->bhij", qc, kc.conj()).real / np.sqrt(8)
    return weigh(softmax(s, (j <= i) & (i // 8 - j // 8 <= 1)), v)
