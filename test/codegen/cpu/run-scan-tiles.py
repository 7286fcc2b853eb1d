"""Kernels of family scan whose factors are rounded, on a matrix unit, against NumPy in
f64: every form that chunks of tokens have, odd sizes, no tokens, streams in pieces,
tasks of some columns, in place. Without the unit the same kernels compute in f32."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import UNIT_LEVEL, Kernel, check, get_levels, has_matrix_unit
from scans import ABSOLUTE, features, floats, make_gates, scan

# Errors by the root of the mean square of the results: the root of their own mean square,
# some three factors rounded to 2^-9 or 2^-17, and the largest, which is at early tokens
# with a state of no decays yet.
TOLERANCE = {"split": (2e-5, 1e-3), "bf16": (8e-3, 0.3)}


class Case:
    def __init__(self, transition, b, t, h, d, c, kind="", has_sum=False, both=False, finish=False, per_task=0):
        self.q, self.k = floats(b, t, h, d), floats(b, t, h, d) / d ** 0.5
        if kind:
            self.q, self.k = self.q / 2, self.k / 2
        self.q, self.k, self.v = self.q.astype("f"), self.k.astype("f"), floats(b, t, h, c)
        queries, keys = features(kind, self.q), features(kind, self.k)
        rows = queries.shape[-1]
        self.gates, decay, step = make_gates(transition, b, t, h, rows, c)
        self.states = [floats(b, h, rows, c)]
        if has_sum:
            self.states.append(np.abs(floats(b, h, rows)))
        # A sum is a column of values 1.
        columns = [*self.states, *[self.states[-1][..., None]] * has_sum]
        state = np.concatenate([columns[0], *columns[2:]], -1).astype("d")
        values = np.concatenate([self.v.astype("d"), np.ones((b, t, h, 1))][:1 + has_sum], -1)
        out, state = scan(transition, queries, keys, values, decay, step, state)
        if both:
            out = np.einsum("bthr,bhrc->bthc", queries, state)
        self.out = out[..., :c]
        if has_sum:
            by = np.maximum(np.abs(out[..., c:]), 1) if finish else out[..., c:]
            self.out = self.out / by
        self.finals = [state[..., :c], state[..., -1]][:1 + has_sum]
        self.per_task = c if has_sum else per_task or c
        self.config = (f"transition = #weft.{transition}, h = {h}, r = {rows}, c = {c}, "
                       f"columns_per_task = {self.per_task}")
        if kind:
            self.config += f", features = #weft.{kind}_features, channels = {d}"
        self.config += ", sum" * has_sum + ", bidirectional" * both
        self.element = ABSOLUTE if finish else ""
        self.tasks = b * h * -(-c // self.per_task)
        self.shape = [b, t]
        self.name = f"{transition} {kind} {b}x{t}x{h} {rows}x{c}"

    def arrays(self):
        return [self.q, self.k, self.v, *self.gates, *self.states, np.zeros_like(self.v),
                *(np.zeros_like(s) for s in self.states)]

    def build(self, level, precision):
        dynamic = [(0, 1)] * 3 + [(0, 1) if g.ndim > 2 else () for g in self.gates]
        dynamic += [(0,)] * len(self.states) + [(0, 1)] + [(0,)] * len(self.states)
        return Kernel(level, "scan", f'{self.config}, precision = "{precision}"', self.arrays(),
                      dynamic, 2, self.element)

    def check(self, name, precision, kernel, arrays, wanted, in_place=()):
        mean, most = TOLERANCE[precision]
        name = f"{name} {precision} {self.name}"
        got = check(name, kernel, arrays, self.shape, self.tasks, wanted, most, in_place)
        for i, want in wanted.items():
            if not want.size:
                continue
            error = ((got[i] - want) ** 2).mean()
            assert error <= mean ** 2 * (want ** 2).mean(), f"{name}: operand {i} is off by {error ** 0.5:.1e}"

    def test(self, level, precision):
        kernel, arrays = self.build(level, precision), self.arrays()
        n, m = len(arrays), len(self.states)
        first = n - 2 * m - 1  # of the initial states
        self.check(level, precision, kernel, arrays,
                   {n - m - 1: self.out, **{n - m + i: s for i, s in enumerate(self.finals)}})

        def in_place(arrays, *rest):
            kernel([*arrays[:n - m], *arrays[first:first + m]], *rest)
        self.check(level + " in place", precision, in_place, arrays,
                   {n - m - 1: self.out, **{first + i: s for i, s in enumerate(self.finals)}},
                   list(range(first, first + m)))


def test_pieces(level, precision, case, cuts):
    """The state that a piece leaves is where the next begins."""
    whole = case.arrays()
    kernel = case.build(level, precision)
    n, m = len(whole), len(case.states)
    timed = 3 + len(case.gates)
    states, outs = case.states, []
    for begin, end in zip([0, *cuts], [*cuts, case.shape[1]]):
        piece = [np.ascontiguousarray(a[:, begin:end]) if a.ndim > 2 else a for a in whole[:timed]]
        arrays = [*piece, *states, np.zeros_like(piece[2]), *(np.zeros_like(s) for s in states)]
        kernel(arrays, [case.shape[0], end - begin], 0, case.tasks)
        outs.append(arrays[n - m - 1])
        states = arrays[n - m:]
    scale = np.sqrt((case.out ** 2).mean())
    error = np.abs(np.concatenate(outs, 1) - case.out).max() / scale
    assert error < TOLERANCE[precision][1], f"{case.name} in pieces: error {error:.1e}"
    print(f"{level} {precision} {case.name} in pieces: ok, error {error:.1e}")


def get_cases():
    for transition in ("accumulate", "decay<constant>", "decay<scalar>", "decay<vector>", "delta", "gated_delta"):
        yield Case(transition, 2, 102, 2, 64, 64)
        yield Case(transition, 1, 37, 2, 40, 100, per_task=64)
    for transition in ("decay<scalar>", "gated_delta"):
        yield Case(transition, 1, 40, 2, 160, 96, per_task=32)
    yield Case("accumulate", 1, 0, 1, 64, 64)
    yield Case("accumulate", 1, 100, 2, 64, 64, "elu", has_sum=True)
    yield Case("accumulate", 2, 37, 2, 16, 32, "elu", has_sum=True, both=True)
    yield Case("accumulate", 1, 64, 1, 32, 64, both=True)
    yield Case("accumulate", 1, 50, 2, 15, 48, "exp", has_sum=True)
    yield Case("decay<constant>", 1, 64, 2, 32, 32, "relu", has_sum=True, both=True)
    yield Case("decay<scalar>", 1, 43, 2, 20, 36, "elu", has_sum=True)
    yield Case("decay<vector>", 1, 66, 2, 64, 64, has_sum=True, finish=True)
    yield Case("accumulate", 1, 49, 2, 7, 16, "taylor", has_sum=True)
    yield Case("accumulate", 1, 40, 1, 16, 24, "taylor", has_sum=True, both=True)
    yield Case("delta", 1, 64, 1, 32, 64, both=True)
    yield Case("gated_delta", 1, 40, 1, 32, 64, "relu", both=True)


if __name__ == "__main__":
    levels = [UNIT_LEVEL] * has_matrix_unit()
    for case in get_cases():
        for level in levels:
            for precision in TOLERANCE:
                case.test(level, precision)
    for level in [*get_levels()[-1:], *levels]:
        for transition in ("decay<scalar>", "gated_delta"):
            test_pieces(level, "split", Case(transition, 2, 83, 2, 32, 32), [1, 33, 34, 66])
    print("done")
