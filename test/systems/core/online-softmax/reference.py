"""Milakov and Gimelshein 2018, algorithm 4: softmax and the k best of a row."""
import numpy as np

ORACLE = "softmax of a whole row, sorted"


def inputs(rng, n):
    return {"x": 5 * rng.standard_normal((2, n, 96))}


def reference(x):
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    places = np.argsort(-x, -1, kind="stable")[..., :4]
    return {"out": p, "best": np.take_along_axis(p, places, -1), "places": places}
