#!/usr/bin/env python3
"""Broken models never crash the import: it succeeds or says what is wrong."""
# RUN: %python %s %t 150 | FileCheck %s
# CHECK: 150 broken models, {{[1-9][0-9]}}

import pathlib
import random
import subprocess
import sys

import numpy as np
from onnx_model import model, node

NUMBERS = [0, 1, 2, 3, 5, 7, 0x7f, 0x80, 0xff]


def make():
    """Some of every group of operators, with sizes that the graph computes."""
    i64, f32 = np.int64, np.float32
    constants = {
        "w": np.ones((8, 8), f32), "g": np.ones(8, f32), "heads": np.array([0, 0, 2, 4]),
        "flat": np.array([0, -1, 8]), "zero": np.array([0]), "one": np.array([1]),
        "two": np.array([2]), "pads": np.array([0, 0, 1, 0, 0, 1]), "axis": np.array(1, i64),
    }
    nodes = [
        node("MatMul", "x w", "a"), node("Reshape", "a heads", "b"),
        node("Transpose", "b", "q", perm=[0, 2, 1, 3]),
        node("Attention", "q q q", "c", is_causal=1, softcap=2.0),
        node("Transpose", "c", "d", perm=[0, 2, 1, 3]), node("Reshape", "d flat", "e"),
        node("LayerNormalization", "e g g", "f", epsilon=1e-5),
        node("Softmax", "f", "h", axis=1), node("Slice", "h zero two one", "i"),
        node("Concat", "i h", "j", axis=1), node("Pad", "j pads", "k"),
        node("Split", "f", "l m", axis=2, num_outputs=2),
        node("Einsum", "l m", "n", equation="bij,bkj->bik"),
        node("TopK", "f one", "o p", axis=2), node("Gather", "f ids", "r", axis=2),
        node("ReduceMean", "f one", "s"), node("Shape", "x", "t"),
        node("ConstantOfShape", "t", "u"), node("Where", "seen f u", "v"),
        node("CumSum", "f axis", "y"), node("Tile", "l pads3", "z"),
        node("Unsqueeze", "s zero", "aa"), node("Squeeze", "aa zero", "ab"),
        node("GatherND", "f at", "ac"), node("ScatterND", "f at ac", "ad"),
        node("Gemm", "w w g", "ae", transB=1), node("ArgMax", "f", "af", axis=2),
        node("Expand", "s t", "ag"), node("RMSNormalization", "f g", "ah"),
        node("Equal", "ids ids", "seen0"), node("Cast", "f", "ai", to=7),
    ]
    constants["pads3"] = np.array([1, 2, 1])
    inputs = {"x": ("float32", ["b", "l", 8]), "ids": ("int64", [3]),
              "seen": ("bool", ["b", "l", 1]), "at": ("int64", [4, 2])}
    outputs = {n: ("float32", []) for n in ("v", "y", "ah", "r", "ad", "ae", "ag")}
    return model(nodes, inputs, outputs, constants, opset=24)


def mutate(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(data))
        how = rng.randrange(4)
        if how == 0:
            data[at] = rng.choice(NUMBERS)
        elif how == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 2: # a number beside the true one
            data[at] = (data[at] + rng.choice([-2, -1, 1, 2])) & 0xff
        else: # a name for another
            other = rng.randrange(len(data))
            data[at] = data[other]
    return bytes(data)


def main():
    scratch, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    scratch.mkdir(parents=True, exist_ok=True)
    path, good, refused = scratch / "m.onnx", make(), 0
    for seed in range(first - 1, first + count):
        path.write_bytes(good if seed < first else mutate(good, random.Random(seed)))
        done = subprocess.run(["weft-import", path], capture_output=True, text=True,
                              errors="replace", timeout=120)
        says = done.returncode == 0 or done.stderr.startswith("error: ")
        if done.returncode not in (0, 1) or not says or (seed < first and done.returncode):
            sys.exit(f"seed {seed}: exit {done.returncode}\n{done.stderr[:2000]}")
        refused += done.returncode == 1
    print(f"{count} broken models, {refused} refused")


main()
