#!/usr/bin/env python3
"""Runs one of ONNX's node tests through weft: compiles the model, runs it on a data set.

usage: node_case.py MODEL.onnx DATASET_DIR OUT_DIR      (weft from PATH or $WEFT)

Writes OUT_DIR/output_j.pb. Exit 77: the compiler says that it does not support the
model. Integer inputs that must be known when the model is compiled (a shape, axes, K)
are fixed then, by `weft compile --fix`; $WEFT_ONNX_FIXED, if set, names a file to which
the names of such models are appended. Needs the Python package onnx.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import numpy_helper

MUST_BE_KNOWN = "known when the model is compiled"


def main():
    model_path, data, out = map(pathlib.Path, sys.argv[1:4])
    weft = os.environ.get("WEFT", "weft")
    graph = onnx.load(model_path, load_external_data=False).graph
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        arrays = {}
        for i, value in enumerate(graph.input):
            file = data / f"input_{i}.pb"
            if not value.type.HasField("tensor_type") or not file.exists():
                sys.exit(77)
            array = numpy_helper.to_array(onnx.load_tensor(str(file)))
            if array.dtype.name == "bfloat16":
                array = array.view("V2")
            arrays[value.name] = scratch / f"input_{i}.npy"
            try:
                np.save(arrays[value.name], array)
            except (ValueError, TypeError):
                sys.exit(77)
            if array.dtype.kind == "V":  # NumPy leaves open what order plain bytes have
                text = arrays[value.name].read_bytes()
                arrays[value.name].write_bytes(text.replace(b"'|V2'", b"'<V2'", 1))

        def compile_model(fixed):
            command = [weft, "compile", model_path, "-o", scratch / "m.weft", "-q"]
            for name in fixed:
                command += ["--fix", f"{name}={arrays[name]}"]
            done = subprocess.run(command, capture_output=True, text=True)
            return done.returncode, done.stderr

        fixed = []
        code, errors = compile_model(fixed)
        if code and MUST_BE_KNOWN in errors:
            fixed = [v.name for v in graph.input
                     if v.type.tensor_type.elem_type in (6, 7, 9)
                     or not v.type.tensor_type.shape.dim]
            code, errors = compile_model(fixed)
            log = os.environ.get("WEFT_ONNX_FIXED")
            if log and not code:
                with open(log, "a") as file:
                    file.write(model_path.parent.name + "\n")
        if code:
            sys.stderr.write(errors)
            sys.exit(77 if code == 1 and "error" in errors else code)
        command = [weft, "run", scratch / "m.weft", "-O", scratch / "out"]
        for name, file in arrays.items():
            if name not in fixed:
                command += ["-i", f"{name}={file}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stderr)
            sys.exit(done.returncode)
        for j, value in enumerate(graph.output):
            array = np.load(scratch / "out" / f"{value.name}.npy")
            if array.dtype.kind == "V":
                import ml_dtypes
                array = array.view(ml_dtypes.bfloat16)
            tensor = numpy_helper.from_array(array, value.name)
            (out / f"output_{j}.pb").write_bytes(tensor.SerializeToString())


main()
