"""Runs small ONNX models through `weft compile` and `weft run`, and compares."""
import pathlib
import subprocess
import sys

import numpy as np

import onnx_model


class Cases:
    """Nodes gathered into one model; each result has what NumPy says it is."""

    def __init__(self, opset=24):
        self.opset, self.nodes = opset, []
        self.inputs, self.arrays, self.expected, self.initializers = {}, {}, {}, {}

    def input(self, name, array, dims=None):
        self.arrays[name] = array = np.asarray(array)
        self.inputs[name] = (array.dtype.name, list(dims or array.shape))
        return array

    def constant(self, name, array):
        self.initializers[name] = array = np.asarray(array)
        return array

    def add(self, op, inputs, expected, **attributes):
        """A node whose outputs are results; `expected`: an array, or a list of them."""
        expected = expected if isinstance(expected, list) else [expected]
        names = [f"r{len(self.expected) + i}" for i in range(len(expected))]
        self.step(op, inputs, " ".join(names), **attributes)
        for name, array in zip(names, expected):
            self.result(name, array, f"{op} {attributes}")

    def step(self, op, inputs, outputs, **attributes):
        self.nodes.append(onnx_model.node(op, inputs, outputs, **attributes))

    def result(self, name, array, what="", dims=None):
        array = np.asarray(array)
        self.expected[name] = (array, what, dims or array.shape)

    def run(self, scratch, tolerance=2e-6, flags=()):
        scratch = pathlib.Path(scratch)
        scratch.mkdir(parents=True, exist_ok=True)
        outputs = {name: (array.dtype.name, list(dims))
                   for name, (array, _, dims) in self.expected.items()}
        (scratch / "m.onnx").write_bytes(onnx_model.model(
            self.nodes, self.inputs, outputs, self.initializers, self.opset))
        command = ["weft", "compile", scratch / "m.onnx", "-o", scratch / "m.weft"]
        text = subprocess.run([*command, *flags], check=True, text=True,
                              capture_output=True).stdout
        command = ["weft", "run", scratch / "m.weft", "-O", scratch / "out"]
        for name, array in self.arrays.items():
            np.save(scratch / f"{name}.npy", array)
            command += ["-i", f"{name}={scratch / name}.npy"]
        subprocess.run(command, check=True)
        for name, (array, what, _) in self.expected.items():
            got = np.load(scratch / "out" / f"{name}.npy")
            if got.shape != array.shape or got.dtype != array.dtype:
                sys.exit(f"{what}: expected {array.dtype} {array.shape} but got "
                         f"{got.dtype} {got.shape}")
            close = np.allclose(got.astype(float), array.astype(float), rtol=tolerance,
                                atol=tolerance * max(1, np.abs(
                                    np.nan_to_num(array.astype(float), posinf=0,
                                                  neginf=0)).max(initial=0)),
                                equal_nan=True)
            if not close:
                sys.exit(f"{what}: expected\n{array}\nbut got\n{got}")
        print(f"{len(self.expected)} results agree")
        return text
