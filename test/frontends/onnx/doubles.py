#!/usr/bin/env python3
"""Doubles at inputs, outputs and in between keep their digits: sums, products, conversions."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(11)
c = Cases(opset=26)
x, y = c.input("x", rng.normal(size=(3, 5))), c.input("y", rng.normal(size=(5, 21)))
f = c.input("f", rng.normal(size=(3, 5)).astype(np.float32))
cubes = c.input("cubes", rng.normal(size=(2, 4, 4)))

c.add("Einsum", "x y", x @ y, equation="ij,jk->ik")
c.add("Einsum", "cubes", np.einsum("bii->bi", cubes), equation="...ii->...i")
c.add("MatMul", "x y", x @ y)
c.add("Add", "x x", x + x)
c.add("Div", "x x", x / x)
c.constant("two", np.float64(2))
c.add("Pow", "x two", x ** 2)
c.constant("table", rng.normal(size=(3, 5)))
c.add("Max", "x table", np.maximum(x, c.initializers["table"]))
c.constant("axis", np.int64(1))
c.add("CumSum", "x axis", np.cumsum(x, 1))
c.constant("one", np.array([1]))
c.add("ReduceSum", "y one", y.sum(1, keepdims=True))
c.add("ReduceMax", "y one", y.max(1, keepdims=True))
c.add("Cast", "x", x.astype(np.float32), to=1)
c.add("Cast", "f", f.astype(np.float64), to=11)
c.add("Greater", "x table", x > c.initializers["table"])
for name, value in ("start", 0.1), ("limit", 2.0), ("delta", 0.3):
    c.constant(name, np.float64(value))
c.add("Range", "start limit delta", 0.1 + 0.3 * np.arange(7))
c.run(sys.argv[1], tolerance=1e-14)
