"""Kernels of families scan and short_conv against NumPy in f64: every transition,
states in registers and in scratch, in place, odd sizes, no tokens."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, check, get_levels

r = np.random.default_rng(5)


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def make_gates(transition, b, t, h, rows, c):
    """The gates, and the decay [B, T, H, R, C] and the step [B, T, H] in f64."""
    if transition == "decay<scalar>":
        a = r.uniform(0.5, 1, (b, t, h)).astype("f")
        return [a], a[..., None, None], None
    if transition == "decay<vector>":
        a = r.uniform(0.5, 1, (b, t, h, rows)).astype("f")
        return [a], a[..., None], None
    if transition == "selective":
        step = r.uniform(0, 1, (b, t, h, c)).astype("f")
        a = -r.uniform(0.1, 3, (h, rows, c)).astype("f")
        return [step, a], np.exp(step[:, :, :, None].astype("d") * a), step
    beta = r.uniform(0, 1, (b, t, h)).astype("f")
    if transition == "delta":
        return [beta], np.ones((b, t, h, 1, 1)), beta
    a = r.uniform(0.5, 1, (b, t, h, rows)).astype("f")
    return [a, beta], a[..., None], beta


def scan(transition, q, k, v, decay, step, state):
    out = np.zeros(v.shape)
    for t in range(q.shape[1]):
        key, value = k[:, t, :, :, None].astype("d"), v[:, t, :, None].astype("d")
        write = key * value
        state = decay[:, t] * state
        if transition == "selective":
            write = write * step[:, t, :, None]
        elif step is not None:
            beta = step[:, t, :, None, None]
            seen = (key * state).sum(2, keepdims=True)
            state, write = state - beta * key * seen, beta * write
        state = state + write
        out[:, t] = (q[:, t, :, :, None] * state).sum(2)
    return out, state


def test_scan(level):
    for transition, b, t, h, rows, c, per_task in [
            ("selective", 1, 9, 1, 16, 48, 32), ("selective", 2, 5, 1, 4, 37, 16),
            ("decay<scalar>", 2, 7, 3, 64, 64, 64),
            ("decay<vector>", 1, 6, 2, 18, 21, 8), ("decay<scalar>", 1, 3, 1, 1, 5, 5),
            ("delta", 1, 8, 2, 16, 32, 32), ("delta", 2, 8, 2, 33, 20, 20),
            ("gated_delta", 1, 8, 2, 64, 48, 16),
            ("gated_delta", 1, 4, 2, 24, 150, 150), ("selective", 1, 3, 2, 20, 96, 70), ("gated_delta", 1, 5, 1, 3, 3, 2),
            ("selective", 1, 0, 1, 16, 32, 32)]:
        q, k, v = (floats(b, t, h, rows), floats(b, t, h, rows) / rows ** 0.5,
                   floats(b, t, h, c))
        k = k.astype("f")
        initial = floats(b, h, rows, c)
        gates, decay, step = make_gates(transition, b, t, h, rows, c)
        arrays = [q, k, v, *gates, initial, np.zeros_like(v), np.zeros_like(initial)]
        dynamic = [(0, 1)] * 3
        dynamic += [(0, 1) if g.shape[:2] == (b, t) and g.ndim > 2 and
                    not (transition == "selective" and i == 1) else ()
                    for i, g in enumerate(gates)]
        dynamic += [(0,), (0, 1), (0,)]
        config = (f"transition = #weft.{transition}, h = {h}, r = {rows}, c = {c}, "
                  f"columns_per_task = {per_task}")
        kernel = Kernel(level, "scan", config, arrays, dynamic, 2)
        out, final = scan(transition, q, k, v, decay, step, initial.astype("d"))
        n, tasks = len(arrays), b * h * -(-c // per_task)
        name = f"{level} scan {transition} {b}x{t}x{h} {rows}x{c}"
        check(name, kernel, arrays, [b, t], tasks, {n - 2: out, n - 1: final}, 4e-6)

        def in_place(arrays, *rest):
            kernel([*arrays[:-1], arrays[n - 3]], *rest)
        check(name + " in place", in_place, arrays, [b, t], tasks,
              {n - 2: out, n - 3: final}, 4e-6, in_place=[n - 3])


SILU_OF_BIASED = """^bb0(%a: f32, %b: f32):
  %one = arith.constant 1.0 : f32
  %0 = arith.addf %a, %b : f32
  %1 = arith.negf %0 : f32
  %2 = math.exp %1 : f32
  %3 = arith.addf %2, %one : f32
  %4 = arith.divf %0, %3 : f32
  weft.yield %4 : f32"""


def test_short_conv(level):
    for b, t, c, w, dilation, per_task, biased in [
            (1, 9, 64, 4, 1, 32, True), (2, 2, 37, 4, 1, 16, True),
            (1, 12, 20, 3, 2, 10, False), (1, 5, 7, 1, 1, 7, False),
            (2, 0, 16, 4, 1, 16, True), (1, 3, 45, 3, 4, 21, True)]:
        x, f, bias = floats(b, t, c), floats(c, w), floats(c)
        reach = (w - 1) * dilation
        initial = floats(b, reach, c)
        arrays = [x, f, *[bias] * biased, initial, np.zeros_like(x),
                  np.zeros_like(initial)]
        dynamic = [(0, 1), (), *[()] * biased, (0,), (0, 1), (0,)]
        config = (f"c = {c}, w = {w}, dilation = {dilation}, "
                  f"channels_per_task = {per_task}")
        kernel = Kernel(level, "short_conv", config, arrays, dynamic, 2,
                        SILU_OF_BIASED if biased else "")
        whole = np.concatenate([initial, x], 1).astype("d")
        acc = sum(f[:, i] * whole[:, i * dilation:i * dilation + t]
                  for i in range(w))
        if biased:
            acc = (acc + bias) / (1 + np.exp(-(acc + bias)))
        final = whole[:, whole.shape[1] - reach:]
        n, tasks = len(arrays), b * -(-c // per_task)
        name = f"{level} short_conv {b}x{t}x{c} w {w} dilation {dilation}"
        check(name, kernel, arrays, [b, t], tasks, {n - 2: acc, n - 1: final})

        def in_place(arrays, *rest):
            kernel([*arrays[:-1], arrays[n - 3]], *rest)
        check(name + " in place", in_place, arrays, [b, t], tasks,
              {n - 2: acc, n - 3: final}, in_place=[n - 3])


for level in get_levels():
    test_scan(level)
    test_short_conv(level)
print("done")
