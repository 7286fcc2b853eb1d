#!/usr/bin/env python3
"""Operators that move elements, and shapes that the graph computes."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree
# CHECK: 4 results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(2)
i64 = np.int64
c = Cases()
x = c.input("x", rng.normal(size=(2, 3, 4)).astype(np.float32))
y = c.input("y", rng.normal(size=(2, 1, 4)).astype(np.float32))
ids = c.input("ids", np.array([[2, 0], [-1, 1]], i64))
k = {}
for name, numbers in {"s": [4, -1], "z": [0, 12], "axis1": [1], "starts": [1, 0],
                      "ends": [3, 9], "axes": [2, 0], "steps": [2, 1], "back": [-1],
                      "far": [-99], "minus": [-1], "wide": [2, 3, 4], "parts": [1, 2],
                      "pads": [0, 1, 0, 2], "padaxes": [1, 2], "reps": [1, 2, 1]}.items():
    k[name] = c.constant(name, np.array(numbers, i64))
c.add("Reshape", "x s", x.reshape(4, 6))
c.add("Reshape", "x z", x.reshape(2, 12))
c.add("Transpose", "x", x.transpose(2, 0, 1), perm=[2, 0, 1])
c.step("Transpose", "x", "t", perm=[1, 2, 0])
c.add("Reshape", "t s", x.transpose(1, 2, 0).reshape(4, 6))
c.add("Add", "t t", 2 * x.transpose(1, 2, 0))
c.add("Flatten", "x", x.reshape(2, 12))
grid = c.input("grid", np.arange(48, dtype=np.float32).reshape(1, 2, 4, 6))
blocks = grid.reshape(1, 2, 2, 2, 3, 2)
c.add("SpaceToDepth", "grid", blocks.transpose(0, 3, 5, 1, 2, 4).reshape(1, 8, 2, 3), blocksize=2)
c.add("SpaceToDepth", "grid", blocks.transpose(0, 1, 3, 5, 2, 4).reshape(1, 8, 2, 3), blocksize=2,
      mode="CRD")
c.add("Squeeze", "y axis1", y[:, 0])
c.add("Unsqueeze", "y axis1", y[:, None])
c.add("Expand", "y wide", np.broadcast_to(y, x.shape))
c.add("Concat", "x y", np.concatenate([x, y], 1), axis=1)
c.add("Slice", "x starts ends axes steps", x[0:9, :, 1:3:2])
c.add("Slice", "x back far axis1 minus", x[:, ::-1])
c.step("Split", "x parts", "sa sb", axis=1)
c.step("Identity", "sa", "ra")
c.result("ra", x[:, :1])
c.result("sb", x[:, 1:])
c.add("Gather", "x ids", x[:, [[2, 0], [-1, 1]]], axis=1)
c.add("Gather", "x back", x[:, :, [-1]], axis=2)
c.add("Pad", "x pads empty padaxes", np.pad(x, [(0, 0), (0, 0), (1, 2)]))
c.add("Tile", "x reps", np.tile(x, (1, 2, 1)))
c.add("Shape", "x", np.array([3], i64), start=1, end=2)
c.add("Trilu", "x", np.tril(x), upper=0)
c.constant("empty", np.float32(0))
c.run(sys.argv[1])

# Sizes of inputs: batch x tokens x (heads * channels) to heads and back.
c = Cases()
x = c.input("x", rng.normal(size=(2, 5, 12)).astype(np.float32), ["batch", "tokens", 12])
table = c.constant("table", rng.normal(size=(9, 12)).astype(np.float32))
for name, numbers in {"heads": [3], "rest": [-1], "zero": [0], "one": [1]}.items():
    c.constant(name, np.array(numbers, i64))
c.step("Shape", "x", "b", start=0, end=1)
c.step("Shape", "x", "l", start=1, end=2)
c.step("Concat", "b l heads rest", "split", axis=0)
c.step("Reshape", "x split", "xs")
c.step("Transpose", "xs", "xh", perm=[0, 2, 1, 3])
c.step("Concat", "b l rest", "join", axis=0)
c.step("Transpose", "xh", "xt", perm=[0, 2, 1, 3])
c.step("Reshape", "xt join", "back")
c.result("back", x, dims=["batch", "tokens", 12])
c.result("xh", x.reshape(2, 5, 3, 4).transpose(0, 2, 1, 3), dims=["batch", 3, "tokens", 4])
c.step("Squeeze", "l", "n")
c.constant("zero0", np.int64(0))
c.constant("one0", np.int64(1))
c.step("Range", "zero0 n one0", "places")
c.result("places", np.arange(5), dims=["tokens"])
# The head of a table, as long as the sequence.
c.step("Slice", "table zero l zero", "head")
c.step("Add", "x head", "shifted")
c.result("shifted", x + table[:5], dims=["batch", "tokens", 12])
c.run(sys.argv[1])
