"""Zhou et al. 2024: a temperature below 1 in all layers."""
from library import *

ORACLE = "softmax with its temperature"
RAGGED = True


def inputs(rng, n):
    return qkv(rng, n)


def reference(q, k, v):
    return weigh(softmax(scores(q, k) / 0.8), v)
