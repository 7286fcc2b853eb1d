"""Scans as NumPy computes them in f64: transitions, and features of keys and queries."""

import numpy as np

r = np.random.default_rng(5)
COUNT = 6  # rows of a one-hot feature
ABSOLUTE = """^bb0(%a: f32, %n: f32):
  %0 = math.absf %n : f32
  %one = arith.constant 1.0 : f32
  %1 = arith.maximumf %0, %one : f32
  %2 = arith.divf %a, %1 : f32
  weft.yield %2 : f32"""


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def make_gates(transition, b, t, h, rows, c):
    """The gates, and the decay [B, T, H, R, C] and the step [B, T, H] in f64."""
    if transition == "accumulate":
        return [], np.ones((b, t, h, 1, 1)), None
    if transition == "decay<constant>":
        a = r.uniform(0.5, 1, h).astype("f")
        return [a], np.broadcast_to(a[:, None, None], (b, t, h, 1, 1)), None
    if transition == "decay<scalar>":
        a = r.uniform(0.5, 1, (b, t, h)).astype("f")
        return [a], a[..., None, None], None
    if transition == "log_plus":
        a = r.uniform(-3, 0, (b, t, h)).astype("f")
        a[:, :1] = -np.inf
        return [a], a[..., None, None], None
    if transition == "decay<vector>":
        a = r.uniform(0.5, 1, (b, t, h, rows)).astype("f")
        return [a], a[..., None], None
    if transition == "selective":
        step = r.uniform(0, 1, (b, t, h, c)).astype("f")
        a = -r.uniform(0.1, 3, (h, rows, c)).astype("f")
        return [step, a], np.exp(step[:, :, :, None].astype("d") * a), step
    beta = r.uniform(0, 1, (b, t, h)).astype("f")
    if transition == "delta":
        return [beta], np.ones((b, t, h, 1, 1)), beta
    a = r.uniform(0.5, 1, (b, t, h, rows)).astype("f")
    return [a, beta], a[..., None], beta


def scan(transition, q, k, v, decay, step, state):
    out = np.zeros(v.shape)
    for t in range(q.shape[1]):
        key, value = k[:, t, :, :, None].astype("d"), v[:, t, :, None].astype("d")
        if transition == "log_plus":
            state = np.logaddexp(decay[:, t] + state, key + value)
            out[:, t] = (q[:, t, :, :, None] * state).sum(2)
            continue
        write = key * value
        state = decay[:, t] * state
        if transition == "selective":
            write = write * step[:, t, :, None]
        elif step is not None:
            beta = step[:, t, :, None, None]
            seen = (key * state).sum(2, keepdims=True)
            state, write = state - beta * key * seen, beta * write
        state = state + write
        out[:, t] = (q[:, t, :, :, None] * state).sum(2)
    return out, state


def features(kind, x):
    x = x.astype("d")
    if kind == "elu":
        return np.where(x > 0, x + 1, np.exp(x))
    if kind == "relu":
        return np.maximum(x, 0)
    if kind == "exp":
        return np.concatenate([np.exp(x), np.exp(-x)], -1)
    if kind == "trig":
        return np.concatenate([np.sin(x), np.cos(x)], -1)
    if kind == "taylor":
        pairs = (x[..., :, None] * x[..., None, :]).reshape(*x.shape[:-1], -1)
        return np.concatenate([np.ones_like(x[..., :1]), x, pairs / 2 ** 0.5], -1)
    if kind == "one_hot":  # a number outside has no feature
        rows = x[..., None, :] == np.arange(COUNT)[:, None]
        return rows.reshape(*x.shape[:-1], x.shape[-1] * COUNT).astype("d")
    return x
