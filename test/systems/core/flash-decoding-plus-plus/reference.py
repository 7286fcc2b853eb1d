"""Hong et al. 2023, section 3: softmax does not depend on the constant under the exponent. Every fifth query is so long
that its sums leave the range of the constant."""
from library import *

ORACLE = "exact softmax attention"
SIZES = (1, 4, 7, 37)
RAGGED = True


def inputs(rng, n):
    given = qkv(rng, n)
    given["q"][:, 4::5] *= 10
    return given


def reference(q, k, v):
    return weigh(softmax(scores(q, k), causal(q.shape[1])), v)
