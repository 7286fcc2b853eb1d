"""Dukhan and Ablavatski 2020, algorithm 3."""
import numpy as np

ORACLE = "softmax with the maximum taken off, rows of some hundreds"


def inputs(rng, n):
    return {"x": 60 * rng.standard_normal((2, n, 96))}


def reference(x):
    p = np.exp(x - x.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)
