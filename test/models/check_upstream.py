#!/usr/bin/env python3
"""Runs the functions of upstream.mlir and compares them with NumPy.

usage: check_upstream.py UPSTREAM.weft"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

random = np.random.default_rng(3)


def normal(*shape):
    return random.normal(size=shape).astype(np.float32)


def run(function, *inputs):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        command = ["weft", "run", sys.argv[1], "-q", "--function", function,
                   "-O", str(folder / "results")]
        for i, value in enumerate(inputs):
            np.save(folder / f"in{i}.npy", value)
            command += ["-i", f"in{i}={folder}/in{i}.npy"]
        subprocess.run(command, check=True)
        return [np.load(path) for path in sorted((folder / "results").glob("*.npy"))]


def check(function, inputs, *expected):
    results = run(function, *inputs)
    assert len(results) == len(expected), function
    for got, want in zip(results, expected):
        assert got.shape == want.shape, f"{function}: {got.shape} is not {want.shape}"
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6, err_msg=function)


def softmax(x):
    weights = np.exp(x - x.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def swapping(x):
    """What the loop does: two carried tensors that change places."""
    y = x
    for _ in range(4):
        x, y = y, np.exp(x)
    return x


def conv(x, f):
    return np.stack([sum(x[0, i + k] @ f[k] for k in range(3)) for i in range(6)])[None]


a, b, c = normal(4, 8), normal(4, 8), normal(4)
x, w = normal(5, 8), normal(8, 16)
check("matmul", [x, w], x @ w)
check("matmul", [x[:0], w], x[:0] @ w)
check("pad", [a], np.pad(a, ((1, 1), (0, 1))))
check("softmax", [a], softmax(a))
check("generate", [a], a.T)
check("select_case", [a, b], np.maximum(a, b))
check("mask_case", [a, b], a > b)
check("reduce", [a], a.sum(1))
check("broadcast", [a[0]], np.broadcast_to(a[0], (4, 8)))
check("if_case", [a, normal(9)], np.exp(a))
check("if_case", [a, normal(3)], a)
check("elements", [c], c[:2])
check("splat", [c], np.full(2, c[0]))
check("loop_case", [a], swapping(a))
check("same", [a], np.exp(a), np.exp(a))
check("constant_case", [], np.array([1, 2, 3, 4], np.float32))
x, w = normal(1, 8, 4), normal(3, 4, 5)
check("conv", [x, w], conv(x, w))
check("int_case", [np.arange(4)], np.arange(4, dtype=np.float32))
check("insert_case", [c], np.concatenate([[np.float32(3)], c[1:]]))
