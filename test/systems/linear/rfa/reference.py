"""Wu et al. 2022, eq. 5 to 8, as the recurrence of the paper. The factor sqrt(1/D) of phi cancels."""
from library import *

ORACLE = "eq. 5 to 8, token by token"


def inputs(rng, n):
    # Small projections: the weights, estimates of exp, then stay away from zero.
    return {**qkv(rng, n, 2, 2, 16, 16), "x": rng.standard_normal((2, n, 32)), "start": rng.integers(0, 4, (2, n)) == 0,
            "w": rng.standard_normal((2, 16, 16)) / 16, "g": rng.standard_normal((2, 32)) / 6}


def reference(q, k, v, x, start, w, g):
    phi = lambda y: np.sqrt(1 / 16) * np.concatenate([np.sin(y @ w.swapaxes(1, 2)[None]), np.cos(y @ w.swapaxes(1, 2)[None])], -1)
    s, z, out = np.zeros((2, 32, 16)), np.zeros((2, 32)), np.zeros_like(v)
    s, z = s[None].repeat(len(q), 0), z[None].repeat(len(q), 0)
    for t in range(q.shape[1]):
        fq, fk = phi(q[:, t, :, None])[:, :, 0], phi(k[:, t, :, None])[:, :, 0]
        gate = np.where(start[:, t, None] > 0, 1 / (1 + np.exp(-x[:, t] @ g.T)), 1)
        s = gate[..., None, None] * s + fk[..., None] * v[:, t, :, None]
        z = gate[..., None] * z + fk
        out[:, t] = np.einsum("bhf,bhfc->bhc", fq, s) / np.einsum("bhf,bhf->bh", fq, z)[..., None]
    return out
