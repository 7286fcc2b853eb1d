"""Times Mamba's selective scan beside ONNX Runtime's Scan and PyTorch, one thread each.

usage: selective_scan.py [TOKENS...]   with weft-opt and LLVM's tools in PATH, and a Python
                                       with numpy; torch and onnxruntime where installed

For each token and channel, 16 states: s = exp(dt a) s + dt x b, y = sum of c s. ONNX Runtime
runs the op Scan over the tokens, its body for all channels at once; PyTorch the loop of
transformers' reference path. Rounds take turns, the best of each counts.
"""

import ctypes
import sys

import numpy as np

from bench import Kernel, aligned, get_levels, load_peaks, mamba
from linear_attention import best, onnx, onnxruntime, torch

CHANNELS, STATES = 1536, 16


class Problem:
    def __init__(self, tokens):
        self.tokens = tokens
        self.case = mamba(tokens, CHANNELS, STATES)
        self.arrays = [aligned(a) for a in self.case.arrays]
        names = ("c", "b", "x", "dt", "a")
        self.q, self.k, self.x, self.dt, self.a = (
            a.reshape(a.shape[-2:] if n == "a" else (tokens, -1)) for n, a in zip(names, self.arrays))

    def weft(self, level):
        case = self.case
        kernel = Kernel(level, case.family, case.config, self.arrays, case.dynamic, len(case.scalars))
        pointers, slots = kernel.arguments(self.arrays, case.scalars)
        scratch = ctypes.c_void_p(kernel.scratch.ctypes.data)
        self.keep = kernel
        return lambda: kernel.library.kernel(pointers, slots, ctypes.c_int64(0), ctypes.c_int64(case.tasks), scratch)

    def get_out(self):
        return self.arrays[6].reshape(self.tokens, CHANNELS)

    def onnx(self):
        if onnxruntime is None:
            return None
        node, float32 = onnx.helper.make_node, onnx.TensorProto.FLOAT
        info = lambda n, s: onnx.helper.make_tensor_value_info(n, float32, s)
        axes = lambda n, v: onnx.numpy_helper.from_array(np.array(v, np.int64), n)
        body = onnx.helper.make_graph(
            [node("Mul", ["dt", "a"], ["da"]), node("Exp", ["da"], ["decay"]), node("Mul", ["decay", "s"], ["kept"]),
             node("Mul", ["dt", "x"], ["dx"]), node("Unsqueeze", ["b", "one"], ["column"]),
             node("Mul", ["column", "dx"], ["new"]), node("Add", ["kept", "new"], ["next"]),
             node("Unsqueeze", ["c", "zero"], ["row"]), node("MatMul", ["row", "next"], ["ys"]),
             node("Squeeze", ["ys", "zero"], ["y"])],
            "body",
            [info("s", [STATES, CHANNELS]), info("c", [STATES]), info("b", [STATES]), info("x", [CHANNELS]),
             info("dt", [CHANNELS])],
            [info("next", [STATES, CHANNELS]), info("y", [CHANNELS])], [axes("zero", [0]), axes("one", [1])])
        feeds = {"s0": np.zeros((STATES, CHANNELS), "f"), "cs": self.q, "bs": self.k, "xs": self.x, "dts": self.dt,
                 "a": self.a}
        inputs = [n for n in feeds if n != "a"]
        graph = onnx.helper.make_graph(
            [node("Scan", inputs, ["final", "out"], body=body, num_scan_inputs=4)], "g",
            [info(n, v.shape) for n, v in feeds.items()],
            [info("final", [STATES, CHANNELS]), info("out", [self.tokens, CHANNELS])])
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)])
        model.ir_version = 10
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.got_onnx = session.run(None, feeds)[1]
        return lambda: session.run(None, feeds)

    def torch(self):
        if torch is None:
            return None
        q, k, x, dt, a = map(torch.from_numpy, (self.q, self.k, self.x, self.dt, np.ascontiguousarray(self.a.T)))

        def form():
            decay = torch.exp(dt[..., None] * a)
            new = (dt * x)[..., None] * k[:, None, :]
            s, out = torch.zeros(CHANNELS, STATES), []
            for t in range(self.tokens):
                s = decay[t] * s + new[t]
                out.append(s @ q[t])
            return torch.stack(out)
        self.got_torch = form().numpy()
        return form


def main():
    peaks, level = load_peaks(), get_levels()[-1]
    print(f"| {level}, {CHANNELS} channels, {STATES} states | us | ONNX Runtime / Weft | PyTorch / Weft |\n"
          "|---|---|---|---|")
    for tokens in [int(n) for n in sys.argv[1:]] or [1, 128, 512, 2048]:
        problem = Problem(tokens)
        forms = [problem.weft(level), problem.onnx(), problem.torch()]
        forms[0]()
        for what in ("onnx", "torch"):
            got = getattr(problem, "got_" + what, None)
            if got is not None:
                error = np.abs(got - problem.get_out()).max() / np.abs(got).max()
                assert error < 1e-5, f"{tokens} tokens: {what} differs by {error:.1e}"
        times, _ = best(forms, peaks.fma512 if level != "x86-64-v3" else peaks.fma256)
        ratio = lambda i: f"{times[i] / times[0]:.1f}" if forms[i] else "not installed"
        print(f"| {tokens} tokens | {times[0] * 1e6:.1f} | {ratio(1)} | {ratio(2)} |", flush=True)


if __name__ == "__main__":
    main()
