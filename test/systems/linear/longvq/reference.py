"""Liu et al. 2024 with the attention of Lingle 2024 (Transformer-VQ, eq. 8 to 13): one softmax over quantised keys, token by token."""
from library import *

ORACLE = "one softmax over all quantised keys, without sums of codes"


def inputs(rng, n):
    draw = lambda *shape: rng.standard_normal(shape) / shape[-1] ** 0.5
    return {"x": rng.standard_normal((2, n, 32)), "rate": -rng.uniform(0.05, 1, (1, 1, 32)), "wq": draw(16, 32), "wk": draw(16, 32),
            "wv": draw(16, 32), "wg": draw(16, 32), "codes": rng.standard_normal((2, 6, 8)) / 2, "bias": rng.standard_normal((2, 4))}


def reference(x, rate, wq, wk, wv, wg, codes, bias):
    n, keep, ema, state = x.shape[1], np.exp(rate[0, 0]), np.zeros_like(x), 0
    for t in range(n):
        ema[:, t] = state = keep * state + (1 - keep) * x[:, t]
    split = lambda y: y.reshape(len(x), n, 2, 8)
    q, k, v, g = split(ema @ wq.T), split(ema @ wk.T), split(x @ wv.T), split(1 / (1 + np.exp(-ema @ wg.T)))
    nearest = ((k[..., None, :] - codes) ** 2).sum(-1).argmin(-1)
    key = codes[np.arange(2), nearest]
    i, j = grid(n)
    near = (i - j >= 0) & (i - j < 4)
    s = scores(q, key, 1) + np.where(near, bias[:, np.clip(i - j, 0, 3)], 0)
    return weigh(softmax(s, causal(n)), v) * g
