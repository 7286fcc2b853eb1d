"""Bhojanapalli et al. 2020, section 4: head size d_p free of d / h."""
from library import *

ORACLE = "multi-head attention with its projections"
RAGGED = True


def inputs(rng, n):
    draw = lambda *s: rng.standard_normal(s) / np.sqrt(s[-1])
    return {"x": rng.standard_normal((2, n, 24)), "wq": draw(120, 24), "wk": draw(120, 24),
            "wv": draw(120, 24), "wo": draw(24, 120)}


def reference(x, wq, wk, wv, wo):
    q, k, v = ((x @ w.T).reshape(*x.shape[:2], 3, 40) for w in (wq, wk, wv))
    a = weigh(softmax(scores(q, k), causal(x.shape[1])), v)
    return a.reshape(*x.shape[:2], 120) @ wo.T
