"""Brown et al. 2022: one layer with L * H heads."""
from library import *

ORACLE = "multi-head attention with its projections"
RAGGED = True


def inputs(rng, n):
    draw = lambda *s: rng.standard_normal(s) / np.sqrt(s[-1])
    return {"x": rng.standard_normal((2, n, 16)), "wq": draw(48, 16), "wk": draw(48, 16),
            "wv": draw(48, 16), "wo": draw(16, 48)}


def reference(x, wq, wk, wv, wo):
    q, k, v = ((x @ w.T).reshape(*x.shape[:2], 12, 4) for w in (wq, wk, wv))
    a = weigh(softmax(scores(q, k), causal(x.shape[1])), v)
    return a.reshape(*x.shape[:2], 48) @ wo.T
