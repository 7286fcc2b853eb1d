#!/usr/bin/env python3
"""Compiles a model, runs it in every way, and compares with golden values.

usage: check_compiled.py MODELS [IO] [--part I/N] [--tolerance E] [--without INPUT]
                         [--precision f32] [--cache f32]

MODELS is a folder of models or one of them. IO.safetensors, which lies beside a model if it
is not given, has the model's inputs by name and the expected result as `out`. A whole
sequence must give the result; so must, for a model with states, the first tokens at once,
pieces of uneven sizes and single tokens, with the session saved and loaded in between.
Results must not depend on the number of threads, and each level that runs here must agree
with the golden values."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = {"F32": np.float32, "I64": np.int64}


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                                DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


class Model:
    def __init__(self, source, folder, options):
        self.folder, self.artifact = folder, folder / "model.weft"
        self.weft("compile", source, "-o", self.artifact, "--mcpu", "all", *options)
        report = json.loads(self.weft("inspect", self.artifact, "--json"))
        self.levels = [v["level"] for v in report["levels"] if v["runs_here"]]
        self.functions = {f["name"]: f for f in report["functions"]}

    def weft(self, *words, level=None):
        env = dict(os.environ, **({"WEFT_LEVEL": level} if level else {}))
        done = subprocess.run(["weft", *map(str, words)], env=env, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"weft {' '.join(map(str, words))}\n{done.stderr}")
        return done.stdout

    def run(self, function, inputs, *words, level=None, threads=1):
        given = []
        for name, array in inputs.items():
            file = self.folder / f"{name}.npy"
            np.save(file, array)
            given += ["-i", f"{name}={file}"]
        self.weft("run", self.artifact, "--function", function, *given, "-O", self.folder,
                  "--threads", threads, *words, level=level)
        name = self.functions[function]["outputs"][0]["name"]
        return np.load(self.folder / f"{name}.npy")

    def pieces(self, ids, sizes):
        """The results after each of the pieces, each in a process of its own."""
        state, results, at = self.folder / "state", [], 0
        for size in sizes:
            load = ["--load-state", state] if at else []
            results.append(self.run("step" if size == 1 else "prefill",
                                    {"input_ids": ids[:, at:at + size]}, *load,
                                    "--save-state", state))
            at += size
        return results


def check(name, got, want, tolerance):
    if got.shape != want.shape:
        sys.exit(f"{name}: expected shape {want.shape} but got {got.shape}")
    error = np.abs(got - want).max() / np.abs(want).max()
    if not error <= tolerance:
        sys.exit(f"{name}: error {error:.2e} exceeds {tolerance:.0e}")
    print(f"{name}: error {error:.1e}")


def check_model(source, io, tolerance, without=None, options=()):
    print(f"{source}")
    arrays = read_safetensors(io)
    want = arrays["out"]
    inputs = {name.removeprefix("in."): array for name, array in arrays.items()
              if name not in ("out", f"in.{without}")}
    with tempfile.TemporaryDirectory() as folder:
        model = Model(source, pathlib.Path(folder), options)
        for level in model.levels:
            got = model.run("forward", inputs, level=level)
            check(f"forward, {level}", got, want, tolerance)
        threaded = model.run("forward", inputs, threads=3)
        if not np.array_equal(got.view(np.int32), threaded.view(np.int32)):
            sys.exit("results depend on the number of threads")
        if "prefill" not in model.functions:
            return
        ids = inputs["input_ids"][:1]
        tokens = ids.shape[1]
        for sizes in ([tokens], [3, 1, tokens - 6, 2], [1] * 5):
            ends = np.cumsum(sizes)
            for end, got in zip(ends, model.pieces(ids, sizes)):
                check(f"pieces {sizes}, token {end}", got, want[:1, end - 1], tolerance)


def find_models(folder):
    """Every model with golden values: a folder, or a file with its values beside it."""
    for path in sorted(folder.iterdir()):
        for io in (path / "io.safetensors", path.with_name(path.name + ".io.safetensors")):
            if io.exists():
                yield path, io


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", type=pathlib.Path, help="folder of models, or one of them")
    parser.add_argument("io", type=pathlib.Path, nargs="?", help="values of a model elsewhere")
    parser.add_argument("--tolerance", type=float, default=2e-6)
    parser.add_argument("--precision", default="f32", help="of products of matrices")
    parser.add_argument("--cache", default="f32", help="what caches of keys and values hold")
    parser.add_argument("--without", help="an input that is not given, but has its default")
    parser.add_argument("--part", default="0/1", help="I/N: every N-th model from the I-th on")
    args = parser.parse_args()
    io = args.io or args.models / "io.safetensors"
    models = [(args.models, io)] if io.exists() else list(find_models(args.models))
    first, step = map(int, args.part.split("/"))
    options = ("--precision", args.precision, "--cache", args.cache)
    for source, io in models[first::step]:
        check_model(source, io, args.tolerance, args.without, options)


if __name__ == "__main__":
    main()
