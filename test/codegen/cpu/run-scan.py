"""Kernels of families scan and short_conv against NumPy in f64: every transition,
states in registers and in cache, in place, odd sizes, no tokens; features, sums,
both directions, one token."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, check, get_levels
from scans import ABSOLUTE, COUNT, features, floats, make_gates, r, scan


def test_scan(level):
    for transition, b, t, h, rows, c, per_task in [
            ("selective", 1, 9, 1, 16, 48, 32), ("selective", 2, 5, 1, 4, 37, 16),
            ("decay<scalar>", 2, 7, 3, 64, 64, 64),
            ("decay<vector>", 1, 6, 2, 18, 21, 8), ("decay<scalar>", 1, 3, 1, 1, 5, 5),
            ("delta", 1, 8, 2, 16, 32, 32), ("delta", 2, 8, 2, 33, 20, 20),
            ("gated_delta", 1, 8, 2, 64, 48, 16),
            ("gated_delta", 1, 37, 2, 40, 64, 64), ("decay<vector>", 1, 39, 1, 70, 80, 64),
            ("gated_delta", 1, 4, 2, 24, 150, 150), ("selective", 1, 3, 2, 20, 96, 70), ("gated_delta", 1, 5, 1, 3, 3, 2),
            ("log_plus", 2, 9, 2, 1, 40, 40), ("log_plus", 1, 6, 1, 20, 30, 16),
            ("selective", 1, 0, 1, 16, 32, 32),
            ("selective", 2, 27, 1, 16, 200, 128), ("log_plus", 1, 16, 2, 3, 37, 37)]:
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


def test_blocks(level):
    """What only blocks of tokens do. A sum is a column of values 1."""
    for transition, kind, b, t, h, d, c, has_sum, both, finish in [
            ("accumulate", "elu", 2, 7, 2, 16, 32, True, False, False),
            ("accumulate", "elu", 1, 9, 3, 64, 64, True, True, False),
            ("accumulate", "", 1, 13, 1, 20, 100, False, True, False),
            ("accumulate", "exp", 1, 6, 2, 12, 48, True, False, False),
            ("decay<constant>", "", 2, 5, 2, 64, 64, False, False, False),
            ("decay<constant>", "relu", 1, 11, 2, 8, 40, True, True, False),
            ("decay<scalar>", "trig", 1, 10, 1, 19, 21, False, False, False),
            ("decay<vector>", "", 1, 6, 2, 33, 64, True, False, True),
            ("accumulate", "taylor", 1, 9, 2, 7, 16, True, False, False),
            ("accumulate", "taylor", 1, 19, 1, 16, 24, True, True, False),
            ("accumulate", "one_hot", 2, 9, 2, 1, 36, False, True, False),
            ("accumulate", "one_hot", 1, 14, 1, 3, 80, False, False, False),
            ("accumulate", "one_hot", 2, 1, 1, 2, 20, False, False, False),
            ("decay<scalar>", "elu", 1, 43, 2, 20, 36, True, False, False),
            ("accumulate", "relu", 1, 35, 1, 64, 64, False, False, False),
            ("decay<constant>", "elu", 1, 33, 1, 24, 64, True, True, False),
            ("delta", "", 1, 21, 1, 16, 64, False, True, False),
            ("delta", "", 1, 8, 2, 16, 32, True, False, True),
            ("gated_delta", "", 1, 7, 1, 40, 80, True, True, True),
            ("gated_delta", "elu", 1, 1, 2, 32, 48, True, False, True),
            ("decay<scalar>", "elu", 2, 1, 2, 64, 80, True, False, False),
            ("delta", "", 3, 1, 2, 128, 100, False, False, False),
            ("accumulate", "elu", 1, 0, 1, 16, 16, True, False, False)]:
        q, k, v = (floats(b, t, h, d) / 2, floats(b, t, h, d) / d ** 0.5,
                   floats(b, t, h, c))
        q, k = q.astype("f"), k.astype("f")
        if kind == "one_hot":
            q, k = (r.integers(-2, 2 * COUNT + 2, x.shape).astype("f") / 2 for x in (q, k))
        fq, fk = features(kind, q), features(kind, k)
        rows = fq.shape[-1]
        initial, before = floats(b, h, rows, c), np.abs(floats(b, h, rows))
        gates, decay, step = make_gates(transition, b, t, h, rows, c)
        states = [initial, before] if has_sum else [initial]
        arrays = [q, k, v, *gates, *states, np.zeros_like(v),
                  *(np.zeros_like(s) for s in states)]
        dynamic = [(0, 1)] * 3
        dynamic += [() if transition == "decay<constant>" else (0, 1)] * len(gates)
        dynamic += [(0,)] * len(states) + [(0, 1)] + [(0,)] * len(states)
        per_task = c if has_sum else min(c, 64)
        config = (f"transition = #weft.{transition}, h = {h}, r = {rows}, c = {c}, "
                  f"columns_per_task = {per_task}")
        if kind:
            count = f"<{COUNT}>" * (kind == "one_hot")
            config += f", features = #weft.{kind}_features{count}, channels = {d}"
        config += ", sum" * has_sum + ", bidirectional" * both
        ones = np.concatenate([v.astype("d"), np.ones((b, t, h, 1))], -1)
        state = np.concatenate([initial, before[..., None]], -1).astype("d")
        out, state = scan(transition, fq, fk, ones, decay, step, state)
        if both:
            out = np.einsum("bthr,bhrc->bthc", fq, state)
        acc, total = out[..., :-1], out[..., -1:]
        if has_sum:
            by = np.maximum(np.abs(total), 1) if finish else total
            acc = np.divide(acc, by, out=np.zeros_like(acc), where=by != 0)
        name = f"{level} scan {transition} {kind} {b}x{t}x{h} {rows}x{c}"
        for one in ([""] + [", one_token"] * (t == 1 and not both)):
            kernel = Kernel(level, "scan", config + one, arrays, dynamic, 2,
                            ABSOLUTE if finish else "")
            n, m, tasks = len(arrays), len(states), b * h * -(-c // per_task)
            first = n - 2 * m - 1
            wanted = [state[..., :-1], state[..., -1]][:m]
            check(name + one, kernel, arrays, [b, t], tasks,
                  {n - m - 1: acc, **{n - m + i: w for i, w in enumerate(wanted)}},
                  1e-5)

            def in_place(arrays, *rest):
                kernel([*arrays[:n - m], *arrays[first:first + m]], *rest)
            check(name + one + " in place", in_place, arrays, [b, t], tasks,
                  {n - m - 1: acc, **{first + i: w for i, w in enumerate(wanted)}},
                  1e-5, in_place=list(range(first, first + m)))


def test_tables(level):
    """Tokens that only write: sums of rows by their number."""
    for b, t, h, d, c in [(1, 50, 1, 1, 33), (2, 7, 2, 2, 80), (1, 0, 1, 1, 16)]:
        k, v = r.integers(-2, 2 * COUNT + 2, (b, t, h, d)).astype("f") / 2, floats(b, t, h, c)
        initial = floats(b, h, COUNT * d, c)
        arrays = [k, k, v, initial, np.zeros_like(initial)]
        config = (f"transition = #weft.accumulate, h = {h}, r = {COUNT * d}, c = {c}, columns_per_task = 64, "
                  f"features = #weft.one_hot_features<{COUNT}>, channels = {d}, state_only")
        kernel = Kernel(level, "scan", config, arrays, [(0, 1)] * 3 + [(0,)] * 2, 2)
        want = initial + np.einsum("bthr,bthc->bhrc", features("one_hot", k), v.astype("d"))
        check(f"{level} table {b}x{t}x{h} {COUNT * d}x{c}", kernel, arrays, [b, t],
              b * h * -(-c // 64), {4: want})


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
    test_blocks(level)
    test_tables(level)
    test_short_conv(level)
print("done")
