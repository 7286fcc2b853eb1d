"""What references share: plain NumPy in float64, batch x tokens x heads x channels."""

import numpy as np


def qkv(rng, n, heads=4, key_heads=2, channels=8, value_channels=8, batch=2):
    draw = lambda h, c: rng.standard_normal((batch, n, h, c))
    return {"q": draw(heads, channels), "k": draw(key_heads, channels), "v": draw(key_heads, value_channels)}


def scores(q, k, scale=None):
    """batch x heads x queries x keys; a key head serves as many query heads as there are to one."""
    k = np.repeat(k, q.shape[2] // k.shape[2], axis=2)
    return np.einsum("bihd,bjhd->bhij", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale)


def weigh(w, v):
    return np.einsum("bhij,bjhd->bihd", w, np.repeat(v, w.shape[1] // v.shape[2], axis=2))


def softmax(s, allowed=True):
    """A row without any allowed key gives zeros."""
    allowed = np.broadcast_to(allowed, s.shape)
    top = np.where(allowed, s, -np.inf).max(-1, keepdims=True)
    w = np.where(allowed, np.exp(np.where(allowed, s - np.where(np.isfinite(top), top, 0), 0)), 0)
    return w / np.maximum(w.sum(-1, keepdims=True), 1e-300)


def lse(s, allowed=True):
    with np.errstate(divide="ignore"):
        return np.log(np.where(allowed, np.exp(s), 0).sum(-1))


def grid(n, keys=None):
    """Positions of the query and of the key, as a column and a row."""
    return np.arange(n)[:, None], np.arange(n if keys is None else keys)[None, :]


def causal(n):
    i, j = grid(n)
    return j <= i


def rotate(x, angle):
    """Turns adjacent pairs of channels; `angle` is tokens x pairs."""
    c, s = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
    a, b = x[..., 0::2], x[..., 1::2]
    return np.stack([a * c - b * s, a * s + b * c], -1).reshape(x.shape)
