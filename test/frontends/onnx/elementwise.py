#!/usr/bin/env python3
"""Element-wise operators, with broadcasting, against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import math
import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(1)
c = Cases(opset=28)
x = c.input("x", rng.normal(size=(3, 4, 5)).astype(np.float32) * 2)
y = c.input("y", rng.normal(size=(4, 1)).astype(np.float32) + 0.5)
i = c.input("i", np.array([7, -7, 6, 0, -1], np.int64))
j = c.input("j", np.array([3, 3, -4, 5, -1], np.int64))
p = c.input("p", np.array([[True], [False]]))
q = c.input("q", np.array([True, False, True]))
h = c.input("h", rng.normal(size=(7,)).astype(np.float16))
erf = np.vectorize(math.erf)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


c.add("Add", "x y", x + y)
c.add("Sub", "y x", y - x)
c.add("Mul", "x y", x * y)
c.add("Div", "x y", x / y)
c.add("Max", "x y", np.maximum(x, y))
c.add("Min", "x y", np.minimum(x, y))
c.constant("two", np.float32(2))
c.add("Pow", "x two", x ** 2)
c.add("Pow", "i j", np.array([343, -343, 0, 0, -1], np.int64))
c.constant("five", np.int64(5))
c.add("Pow", "i five", i ** 5)
c.add("Neg", "x", -x)
c.add("Abs", "x", np.abs(x))
c.add("Exp", "x", np.exp(x))
c.add("Erf", "x", erf(x).astype(np.float32))
c.add("Tanh", "x", np.tanh(x))
c.add("Floor", "x", np.floor(x))
c.add("Round", "x", np.round(x))
c.add("Sign", "x", np.sign(x))
c.add("Relu", "x", np.maximum(x, 0))
c.add("Sigmoid", "x", sigmoid(x))
c.add("Softplus", "x", np.log1p(np.exp(x)))
c.add("Gelu", "x", (x * (1 + erf(x / math.sqrt(2))) / 2).astype(np.float32))
c.add("Gelu", "x", x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))) / 2,
      approximate="tanh")
c.add("Swish", "x", x * sigmoid(1.5 * x), alpha=1.5)
c.add("SwiGLU", "x y", x * sigmoid(x) * y)
c.add("LeakyRelu", "x", np.where(x < 0, np.float32(0.1) * x, x), alpha=0.1)
c.constant("low", np.float32(-1))
c.add("Clip", "x low", np.maximum(x, -1))
c.add("Div", "i j", np.trunc(i / j).astype(np.int64))
c.add("Mod", "i j", np.mod(i, j))
c.add("Mod", "i j", np.fmod(i, j), fmod=1)
c.add("And", "p q", p & q)
c.add("Xor", "p q", p ^ q)
c.add("Not", "q", ~q)
c.add("Less", "x y", x < y)
c.add("GreaterOrEqual", "i j", i >= j)
c.add("Equal", "i j", i == j)
c.add("Cast", "x", x.astype(np.int32), to=6)
c.add("Cast", "i", i.astype(np.float32), to=1)
c.add("Cast", "q", q.astype(np.int64), to=7)
c.add("Cast", "x", x.astype(np.float16), to=10)
c.add("Cast", "i", i != 0, to=9)
c.add("Add", "h h", h + h)
c.step("Greater", "x y", "g")
c.add("Where", "g x y", np.where(x > y, x, y))
c.add("BitwiseAnd", "i j", i & j)
c.run(sys.argv[1])
