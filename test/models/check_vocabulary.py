#!/usr/bin/env python3
"""Compiles MODEL, vocabulary.mlir, with random weights for every level, runs it for many tokens and
for one, and compares with NumPy in float64. The whole product must not be in the program."""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

WORDS, CHANNELS = 20000, 64


def write_parameters(path, arrays):
    header, at = {}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in arrays.values()))


def weft(*words, level=None):
    env = dict(os.environ, **({"WEFT_LEVEL": level} if level else {}))
    return subprocess.run(["weft", *map(str, words)], env=env, check=True, capture_output=True, text=True).stdout


def check(name, got, want):
    if not got:
        sys.exit(f"{name}: expected {want}")
    print(f"{name}: ok")


rng = np.random.default_rng(1)
weights = (rng.standard_normal((WORDS, CHANNELS)) / 8).astype(np.float32)
bias = rng.standard_normal(WORDS).astype(np.float32)
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    write_parameters(folder / "p.safetensors", {"w": weights, "b": bias})
    source = [sys.argv[1], "--params", folder / "p.safetensors"]
    program = weft("compile", *source, "--emit", "program")
    check("program", f"x{WORDS}xf32>, memref" not in program and "program.launch @top_k" in program,
          "parts of the product, and no whole one")
    weft("compile", *source, "-o", folder / "a.weft", "--mcpu", "all")
    levels = [v["level"] for v in json.loads(weft("inspect", folder / "a.weft", "--json"))["levels"]
              if v["runs_here"]]
    for tokens in (9, 1):
        x = rng.standard_normal((1, tokens, CHANNELS)).astype(np.float32)
        np.save(folder / "x.npy", x)
        logits = x.astype(float) @ weights.T.astype(float) + bias
        places = np.argsort(-logits, axis=-1, kind="stable")[..., :4]
        for level in levels:
            weft("run", folder / "a.weft", "-i", f"x={folder}/x.npy", "-O", folder, "--function", "forward",
                 level=level)
            out = {p.stem: np.load(p) for p in folder.glob("*.npy")}
            where = f"{level}, {tokens} tokens"
            check(f"{where}, places", (out["p"] == places).all() and (out["best"] == places[..., 0]).all(),
                  f"places {places} but got {out['p']}")
            error = np.abs(out["v"] - np.take_along_axis(logits, places, -1)).max()
            check(f"{where}, numbers", error < 1e-5, f"an error below 1e-5 but got {error:.1e}")
            error = np.abs(out["lse"] - np.log(np.exp(logits).sum(-1))).max()
            check(f"{where}, log-sum-exp", error < 1e-5, f"an error below 1e-5 but got {error:.1e}")
