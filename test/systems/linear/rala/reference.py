"""Fan et al. 2024 (RALA), eq. 5 to 8, with the norm of its published code: kappa(q) times the mean of the weighted keys."""
from library import *

ORACLE = "eq. 5 to 8"
SIZES = (36,)


def inputs(rng, n):
    return {**qkv(rng, n, 2, 2, 16, 16), "gate": rng.standard_normal((2, n, 2, 16)), "filter": rng.standard_normal((5, 5, 32)) / 5}


def reference(q, k, v, gate, filter):
    kappa = lambda x: np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))
    fq, fk = kappa(q), kappa(k)
    alpha = 36 * softmax(scores(fq.mean(1, keepdims=True), fk))[:, :, 0]
    ak = fk * alpha.transpose(0, 2, 1)[..., None]
    angle = np.arange(36)[:, None] * 2.0 ** -np.arange(8)
    out = weigh(scores(rotate(fq, angle), rotate(ak, angle), 1) / 36, v)
    out = out / np.einsum("bthd,bhd->bth", fq, ak.mean(1))[..., None]
    padded = np.pad(v.reshape(2, 6, 6, 32), ((0, 0), (2, 2), (2, 2), (0, 0)))
    local = sum(padded[:, i:i + 6, j:j + 6] * filter[i, j] for i in range(5) for j in range(5))
    return (out + local.reshape(v.shape)) * gate
