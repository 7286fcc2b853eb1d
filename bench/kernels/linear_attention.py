"""Times linear attention beside ONNX Runtime's LinearAttention and PyTorch, one thread each.

usage: linear_attention.py [REGEX [PRECISION...]]     with weft-opt and LLVM's tools in PATH, and
                                       a Python with numpy; torch and onnxruntime where installed

Precisions are f32, split and bf16; the last two on the matrix unit, where there is one, and for
many tokens only.
Kernels are called as a launch calls them, without the runtime around them; ONNX Runtime by
session.run with bound arrays, PyTorch eagerly: the recurrence for one token, chunks of 64
for more (gated and delta rules by the triangular form), as their users write it. Rounds take
turns, the best of each counts. The share is of the FMA peak, taken in the same rounds,
counting the recurrence's own work: 4 d^2 operations a token and head, 6 d^2 with a correction.
"""

import re
import sys
import time

from bench import Case, UNIT_LEVEL, aligned, floats, get_levels, has_matrix_unit, load_peaks, r  # noqa: F401
from kernels import Kernel
import ctypes
import numpy as np

try:
    import torch
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
except ImportError:
    torch = None
try:
    import onnx
    import onnxruntime
except ImportError:
    onnxruntime = None

RULES = {"linear": ("accumulate", 0), "gated": ("decay<scalar>", 1),
         "gated by row": ("decay<vector>", 1), "delta": ("delta", 1),
         "gated delta": ("gated_delta", 2)}


class Problem:
    def __init__(self, rule, t, h, d, normalised=False):
        self.rule, self.t, self.h, self.d, self.normalised = rule, t, h, d, normalised
        self.q, self.k, self.v = floats(1, t, h, d), floats(1, t, h, d), floats(1, t, h, d)
        self.k /= np.linalg.norm(self.k, axis=-1, keepdims=True)
        self.q *= d ** -0.5
        self.state = floats(1, h, d, d) * 0.1
        rows = ("row" in rule or rule == "gated delta")
        self.decay = r.uniform(0.9, 1, (1, t, h, d) if rows else (1, t, h)).astype("f")
        self.beta = r.uniform(0.2, 1, (1, t, h)).astype("f")
        self.name = f"{rule}{', elu + 1, normalised' * normalised} {t} tokens, {h} heads of {d}"
        self.out, self.keep = {}, []
        self.work = (6 if "delta" in rule else 4) * d * d * t * h

    def weft(self, level, precision):
        if precision != "f32" and (self.t == 1 or not has_matrix_unit()):
            return None
        transition, count = RULES[self.rule]
        gates = [self.beta] if self.rule == "delta" else [self.decay, self.beta][:count]
        out, final = np.zeros_like(self.v), np.zeros_like(self.state)
        states = [self.state] + [np.ones((1, self.h, self.d), "f")] * self.normalised
        arrays = [self.q, self.k, self.v, *gates, *states, out, final,
                  *[np.zeros((1, self.h, self.d), "f")] * self.normalised]
        per_task = self.d if self.normalised else min(self.d, 64 if precision == "f32" else 128)
        config = (f"transition = #weft.{transition}, h = {self.h}, r = {self.d}, c = {self.d}, "
                  f"columns_per_task = {per_task}")
        if precision != "f32":
            level = UNIT_LEVEL
            config += f', precision = "{precision}"'
        if self.normalised:
            config += f", features = #weft.elu_features, channels = {self.d}, sum"
        if self.t == 1:
            config += ", one_token"
        arrays = [aligned(a) for a in arrays]
        n = len(states)
        if self.t == 1:  # a step moves a stream's state where it lies
            arrays[-n:] = arrays[3 + len(gates):3 + len(gates) + n]
        dynamic = [(0, 1)] * (3 + len(gates)) + [(0,)] * n + [(0, 1)] + [(0,)] * n
        kernel = Kernel(level, "scan", config, arrays, dynamic, 2)
        tasks = self.h * -(-self.d // per_task)
        pointers, slots = kernel.arguments(arrays, [1, self.t])
        self.out[precision] = arrays[3 + len(gates) + n]
        scratch = ctypes.c_void_p(kernel.scratch.ctypes.data)
        self.keep.append((kernel, arrays))
        return lambda: kernel.library.kernel(pointers, slots, ctypes.c_int64(0),
                                             ctypes.c_int64(tasks), scratch)

    def onnx(self):
        """None where the op has no such form: it maps and normalises nothing."""
        if onnxruntime is None or self.normalised:
            return None
        h, t = self.h, self.t
        pack = lambda x: np.ascontiguousarray(x.reshape(1, t, -1))
        feeds = {"query": pack(self.q), "key": pack(self.k), "value": pack(self.v), "past_state": self.state}
        if "gated" in self.rule:
            feeds["decay"] = pack(np.log(self.decay))
        if "delta" in self.rule:
            feeds["beta"] = pack(self.beta)
        names = ["query", "key", "value", "past_state", "decay", "beta"]
        used = [n if n in feeds else "" for n in names]
        while not used[-1]:
            used.pop()
        rule = {"gated by row": "gated"}.get(self.rule, self.rule).replace(" ", "_")
        node = onnx.helper.make_node("LinearAttention", used, ["output", "present_state"], domain="com.microsoft",
                                     update_rule=rule, q_num_heads=h, kv_num_heads=h, scale=1.0)
        info = lambda n, a: onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, a.shape)
        graph = onnx.helper.make_graph([node], "g", [info(n, a) for n, a in feeds.items()],
                                       [info("output", feeds["value"]), info("present_state", self.state)])
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21),
                                                             onnx.helper.make_opsetid("com.microsoft", 1)])
        model.ir_version = 10
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.got_onnx = session.run(None, feeds)[0].reshape(self.v.shape)
        return lambda: session.run(None, feeds)

    def torch(self):
        if torch is None:
            return None
        to = lambda x: torch.from_numpy(np.ascontiguousarray(np.swapaxes(x, 1, 2)[0]))  # heads x tokens
        q, k, v, decay, beta = map(to, (self.q, self.k, self.v, self.decay, self.beta))
        state = torch.from_numpy(self.state[0])
        if self.rule in ("linear", "delta"):
            decay = None
        run = one_token if self.t == 1 else in_chunks
        form = lambda: run(q, k, v, state, decay, beta if "delta" in self.rule else None, self.normalised)
        self.got_torch = form().numpy().swapaxes(0, 1)[None]
        return form


def phi(x):
    return torch.nn.functional.elu(x) + 1


def one_token(q, k, v, s, decay, beta, normalised):
    if normalised:
        q, k = phi(q), phi(k)
        z = torch.ones_like(k[:, 0]) + k[:, 0]
    if decay is not None:
        s = s * (decay[..., None] if decay.ndim == 2 else decay[:, 0, :, None])
    u = v[:, 0]
    if beta is not None:
        u = beta[:, 0, None] * (u - (k @ s)[:, 0])
    s = s + k[:, 0, :, None] * u[:, None, :]
    out = q @ s
    return out / (q[:, 0] * z).sum(-1)[:, None, None] if normalised else out


def in_chunks(q, k, v, s, decay, beta, normalised, c=64):
    """Chunks of c tokens, all of a head at once but the carry of the state."""
    h, t, d = q.shape
    if normalised:
        q, k = phi(q), phi(k)
        z = (q * (torch.cumsum(k, 1) + 1)).sum(-1, keepdim=True)
    n = t // c
    q, k, v = (x.view(h, n, c, d) for x in (q, k, v))
    if decay is None:
        log = torch.zeros(h, n, c, 1)
    else:
        log = torch.log(decay).view(h, n, c, -1).cumsum(2)
    up, down = torch.exp(log), torch.exp(log[:, :, -1:] - log)
    if log.shape[-1] == 1:
        mask = torch.exp((log - log.transpose(2, 3)).clamp(max=0))
        qk = ((q @ k.transpose(2, 3)) * mask).tril()
        kk = ((k @ k.transpose(2, 3)) * mask).tril(-1) if beta is not None else None
    else:
        back = torch.exp(-log)
        qk = ((q * up) @ (k * back).transpose(2, 3)).tril()
        kk = ((k * up) @ (k * back).transpose(2, 3)).tril(-1) if beta is not None else None
    if beta is not None:
        b = beta.view(h, n, c, 1)
        solved = torch.linalg.solve_triangular(torch.eye(c) + b * kk, torch.cat([b * v, b * up * k], -1), upper=False)
        v, w = solved[..., :d], solved[..., d:]
    out = torch.empty(h, n, c, d)
    qu, kd = q * up, (k * down).transpose(2, 3)
    for i in range(n):
        u = v[:, i] - w[:, i] @ s if beta is not None else v[:, i]
        out[:, i] = qu[:, i] @ s + qk[:, i] @ u
        s = up[:, i, -1:].transpose(1, 2) * s + kd[:, i] @ u
    out = out.view(h, t, d)
    return out / z if normalised else out


def best(forms, peak, rounds=7, budget=0.02):
    """The least seconds of each form, and the greatest peak, in turns."""
    times, top = [1e9] * len(forms), 0
    for _ in range(rounds):
        top = max(top, peak())
        for i, form in enumerate(forms):
            if form is None:
                continue
            start = time.perf_counter()
            count = 0
            while count == 0 or time.perf_counter() - start < budget:
                begin = time.perf_counter()
                form()
                times[i] = min(times[i], time.perf_counter() - begin)
                count += 1
    return times, top


def main():
    wanted = re.compile(sys.argv[1] if len(sys.argv) > 1 else "")
    precisions = sys.argv[2:] or ["f32", "split", "bf16"]
    peaks = load_peaks()
    level = get_levels()[-1]
    peak = peaks.fma256 if level == "x86-64-v3" else peaks.fma512
    problems = [Problem("linear", t, 12, 64, normalised=True) for t in (1, 512, 2048)]
    problems += [Problem(rule, t, 12, d) for rule in RULES for d in (64, 128) for t in (1, 512)]
    problems += [Problem("gated delta", 2048, 12, 128)]
    names = [f"{p} us, of the FMA peak" if p == "f32" else f"{p} us, error" for p in precisions]
    print(f"| {level} | {' | '.join(names)} | ONNX Runtime us, by {', '.join(precisions)} |"
          f" PyTorch us, by {', '.join(precisions)} |\n|---|{'---|' * (len(precisions) + 2)}")
    for problem in problems:
        if not wanted.search(problem.name):
            continue
        forms = [problem.weft(level, p) for p in precisions] + [problem.onnx(), problem.torch()]
        for form in forms[:len(precisions)]:
            if form:
                form()
        exact = problem.out.get("f32", problem.out[precisions[0]])
        scale = np.sqrt((exact ** 2).mean())
        for what in ("onnx", "torch"):
            got = getattr(problem, "got_" + what, None)
            if got is not None and "f32" in problem.out:
                error = np.abs(got - exact).max() / scale
                assert error < 2e-3, f"{problem.name}: {what} differs by {error:.1e}"
        times, top = best(forms, peak)
        cells = []
        for precision, time_, form in zip(precisions, times, forms):
            if not form:
                cells.append("as f32")
                continue
            error = np.sqrt(((problem.out[precision] - exact) ** 2).mean()) / scale
            cells.append(f"{time_ * 1e6:.1f}, " + (f"{100 * problem.work / time_ / top:.0f} %" if precision == "f32"
                                                   else f"{error:.0e}"))
        for form, time_ in list(zip(forms, times))[len(precisions):]:
            ratios = [f"{time_ / own:.1f}" for own, has in zip(times, forms[:len(precisions)]) if has]
            cells.append(f"{time_ * 1e6:.0f}, {', '.join(ratios)}" if form else "no such form")
        print(f"| {problem.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
