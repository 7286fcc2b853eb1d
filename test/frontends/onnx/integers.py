#!/usr/bin/env python3
"""Unsigned integers, shifts, integers with scales, against NumPy."""
# RUN: %python %s %t | FileCheck %s
# CHECK: {{[0-9]+}} results agree

import sys

import numpy as np
from cases import Cases

rng = np.random.default_rng(3)
c = Cases(opset=23)
for bits in (8, 16, 32, 64):
    kind = np.dtype(f"uint{bits}").type
    x = c.input(f"x{bits}", rng.integers(0, 2 ** bits, (3, 5), dtype=kind))
    y = c.input(f"y{bits}", rng.integers(1, 2 ** (bits - 1) + 9, 5, dtype=kind))
    names = f"x{bits} y{bits}"
    for op, function in [("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply), ("Max", np.maximum),
                         ("Min", np.minimum), ("Div", np.floor_divide), ("Mod", np.remainder),
                         ("BitwiseAnd", np.bitwise_and), ("Less", np.less), ("GreaterOrEqual", np.greater_equal)]:
        c.add(op, names, function(x, y))
    c.add("BitwiseNot", f"x{bits}", ~x)
    n = c.input(f"n{bits}", np.array([0, 1, bits - 1, bits, 3], kind))
    with np.errstate(all="ignore"):
        c.add("BitShift", f"x{bits} n{bits}", np.where(n < bits, x << np.minimum(n, bits - 1), 0).astype(kind), direction="LEFT")
        c.add("BitShift", f"x{bits} n{bits}", np.where(n < bits, x >> np.minimum(n, bits - 1), 0).astype(kind), direction="RIGHT")
    c.add("Cast", f"x{bits}", x.astype(np.float32), to=1)
c.add("Cast", "x8", c.arrays["x8"].astype(np.int64), to=7)
c.add("Cast", "x16", c.arrays["x16"].astype(np.uint8), to=2)
s = c.input("s", np.array([-8, 4, -1, 7, 100], np.int32))
c.add("BitShift", "s m", np.array([-4, 0, -1, 0, 12], np.int32), direction="RIGHT")
c.input("m", np.array([1, 40, 33, -3, 3], np.int32))

r = c.input("r", (rng.normal(size=(4, 6)) * 3).astype(np.float32))
scale, zero = c.input("scale", np.abs(rng.normal(size=6)).astype(np.float32) / 8), c.input("zero", rng.integers(0, 255, 6, dtype=np.uint8))
codes = np.clip(np.round(r / scale) + zero, 0, 255).astype(np.uint8)
c.add("QuantizeLinear", "r scale zero", codes)
q = c.input("q", codes)
c.add("DequantizeLinear", "q scale zero", (q.astype(np.int32) - zero).astype(np.float32) * scale)
blocks = c.input("blocks", np.abs(rng.normal(size=(4, 3))).astype(np.float32))
c.add("DequantizeLinear", "q blocks", q.astype(np.float32) * np.repeat(blocks, 2, 1), block_size=2)
low, high = min(r.min(), 0), max(r.max(), 0)
step = np.float32((high - low) / np.float32(255))
point = np.uint8(np.clip(np.round(-low / step), 0, 255))
c.add("DynamicQuantizeLinear", "r", [np.clip(np.round(r / step) + point, 0, 255).astype(np.uint8), step, point])
w, wz = c.input("w", rng.integers(-128, 128, (6, 3), dtype=np.int8)), c.input("wz", np.int8(5))
qz = c.input("qz", np.uint8(100))
sums = (q.astype(np.int32) - 100) @ (w.astype(np.int32) - 5)
c.add("MatMulInteger", "q w qz wz", sums)
a, b, d, z = (c.input(k, v) for k, v in [("a", np.float32(0.03)), ("b", np.float32(0.5)), ("d", np.float32(9)), ("z", np.int8(3))])
c.add("QLinearMatMul", "q a qz w b wz d z", np.clip(np.round(sums * np.float32(a * b) / d) + 3, -128, 127).astype(np.int8))
c.run(sys.argv[1])
