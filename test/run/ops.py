"""Linear, norm, rope, embed, positions, short_conv and append against NumPy.

Batch and tokens are dynamic throughout."""
# RUN: %python %s | FileCheck %s
# CHECK-COUNT-25: ok

import numpy as np

from weft_run import Main, check, run, type_of

B, N = 2, 5


class Cases:
    """Functions under test, calls of them, and what they should give."""

    def __init__(self):
        self.module, self.body, self.wanted = "", Main(), []

    def add(self, name, text, inputs, wanted):
        """`text` computes %out0, … from %a0, …; an input is (array, dynamic)."""
        values = [self.body.constant(*i) if isinstance(i, tuple) else
                  self.body.index(i) for i in inputs]
        types = [type_of(w, {0, 1} if w.ndim > 1 else {0}) if dynamic else type_of(w)
                 for w, dynamic in wanted]
        args = ", ".join(f"%a{i}: {t}" for i, (_, t) in enumerate(values))
        outs = ", ".join(f"%out{i}" for i in range(len(types)))
        function = f"f{len(self.wanted)}"
        for i, (_, t) in enumerate(values):
            text = text.replace(f"$a{i}", t)
        for i, t in enumerate(types):
            text = text.replace(f"$out{i}", t)
        self.module += (f"\nfunc.func @{function}({args}) -> ({', '.join(types)}) {{\n"
                        f"{text}\n  return {outs} : {', '.join(types)}\n}}")
        for value, (want, _) in zip(self.body.call(function, values, types), wanted):
            self.body.print(value)
            self.wanted.append((name, want))

    def check(self):
        for got, (name, want) in zip(run(self.module, self.body), self.wanted,
                                     strict=True):
            check(name, got, want)


def silu(x):
    return x / (1 + np.exp(-x))


SILU_GATE = """combine(%g, %u) {
      %0 = arith.negf %g : f32
      %1 = math.exp %0 : f32
      %one = arith.constant 1.0 : f32
      %2 = arith.addf %1, %one : f32
      %3 = arith.divf %g, %2 : f32
      %4 = arith.mulf %3, %u : f32
      weft.yield %4 : f32
    }"""


def linear(cases, rng):
    x, w, v = (rng.standard_normal(s) for s in ((B, N, 6), (4, 6), (4, 6)))
    bias, residual = rng.standard_normal(4), rng.standard_normal((B, N, 4))
    dynamic = {0, 1}
    cases.add("linear", "%out0 = weft.linear %a0, %a1 : $a0, $a1 -> $out0",
              [(x, dynamic), (w,)], [(x @ w.T, True)])
    cases.add("linear with bias and residual", """
    %out0 = weft.linear %a0, %a1 with %a2, %a3 combine(%acc, %b, %r) {
      %0 = arith.addf %acc, %b : f32
      %1 = arith.addf %0, %r : f32
      weft.yield %1 : f32
    } : $a0, $a1 with $a2, $a3 -> $out0""",
              [(x, dynamic), (w,), (bias,), (residual, dynamic)],
              [(x @ w.T + bias + residual, True)])
    cases.add("gated linear", f"""
    %out0 = weft.linear %a0, %a1, %a2 {SILU_GATE}
      : $a0, $a1, $a2 -> $out0""",
              [(x, dynamic), (w,), (v,)], [(silu(x @ w.T) * (x @ v.T), True)])
    cases.add("linear of a vector",
              "%out0 = weft.linear %a0, %a1 : $a0, $a1 -> $out0",
              [(x[0, 0],), (w,)], [(w @ x[0, 0], False)])


def norm(cases, rng):
    x = rng.standard_normal((B, N, 6)) * 3 + 1
    scale, shift = rng.standard_normal((2, 6))
    centred = x - x.mean(-1, keepdims=True)
    size = lambda y, how: np.sqrt(how(y ** 2, axis=-1, keepdims=True) + 1e-2)
    cases.add("layer norm", """
    %out0 = weft.norm<layer> %a0 scale %a1 shift %a2 epsilon 1.0e-2
      : $a0 scale $a1 shift $a2""", [(x, {0, 1}), (scale,), (shift,)],
              [(centred / size(centred, np.mean) * scale + shift, True)])
    cases.add("RMS norm", """
    %out0 = weft.norm<rms> %a0 scale %a1 epsilon 1.0e-2 : $a0 scale $a1""",
              [(x, {0, 1}), (scale,)], [(x / size(x, np.mean) * scale, True)])
    cases.add("L2 norm", "%out0 = weft.norm<l2> %a0 epsilon 1.0e-2 : $a0",
              [(x, {0, 1})], [(x / size(x, np.sum), True)])


def rope(cases, rng):
    x = rng.standard_normal((B, N, 3, 7))
    frequencies = np.array([1.0, 0.3, 0.01])
    angle = (4 + np.arange(N))[None, :, None, None] * frequencies
    cosine, sine = 1.5 * np.cos(angle), 1.5 * np.sin(angle)
    for pairing in ("half", "adjacent"):
        half = pairing == "half"
        first, second = (slice(0, 3), slice(3, 6)) if half else (
            slice(0, 6, 2), slice(1, 6, 2))
        want = x.copy()
        want[..., first] = x[..., first] * cosine - x[..., second] * sine
        want[..., second] = x[..., first] * sine + x[..., second] * cosine
        cases.add(f"rope {pairing}", f"""
    %out0 = weft.rope %a0 at %a1 pairing <{pairing}>
      frequencies [1.0, 0.3, 0.01] {{magnitude = 1.5 : f64}} : $a0""",
                  [(x, {0, 1}), 4], [(want, True)])


def embed(cases, rng):
    ids = np.array([[0, 3, 2, 9, 1], [-1, 3, 3, 4, 0]])
    table = rng.standard_normal((4, 3))
    inside = (ids >= 0) & (ids < 4)
    want = table[np.where(inside, ids, 0)] * inside[..., None]
    cases.add("embed, zeros outside the table",
              "%out0 = weft.embed %a0, %a1 : $a0, $a1 -> $out0",
              [(ids, {0, 1}), (table,)], [(want, True)])
    table = rng.standard_normal((16, 3))
    cases.add("positions", """
    %p = weft.positions %a0 at %a2 offset 2 : $a0
    %out0 = weft.embed %p, %a1 : $a0, $a1 -> $out0""",
              [(ids, {0, 1}), (table,), 3],
              [(np.broadcast_to(table[5:10], (B, N, 3)), True)])


def short_conv(cases, rng):
    x, taps = rng.standard_normal((B, N, 4)), rng.standard_normal((4, 3))
    bias = rng.standard_normal(4)
    for dilation in (1, 3):
        reach = 2 * dilation
        for start in (False, True):
            before = rng.standard_normal((B, reach, 4)) * start
            joined = np.concatenate([before, x], axis=1)
            out = sum(taps[:, w] * joined[:, w * dilation:][:, :N] for w in range(3))
            state = type_of(before)
            cases.add(f"short conv {dilation=} {start=}", f"""
    %out0, %out1 = weft.short_conv %a0, %a1 with %a2 {"from %a3" if start else ""}
      combine(%acc, %b) {{
        %0 = arith.addf %acc, %b : f32
        weft.yield %0 : f32
      }} {{dilation = {dilation}}} : $a0, $a1 with $a2 -> $out0, $out1""",
                      [(x, {1}), (taps,), (bias,), (before,)],
                      [(out + bias, True), (joined[:, N:], False)])


def append(cases, rng):
    tokens, rows = rng.standard_normal((1, 2, 3)), rng.standard_normal((1, 4, 3))
    text = """
    %out0, %first, %out1 = weft.append<{}> %a0 to %a1 at %a2
      : $a0 to $a1 -> $out0"""
    after = np.concatenate([rows[:, :1], tokens, rows[:, 3:]], axis=1)
    cases.add("append", text.format("append"), [(tokens, {1}), (rows,), 1],
              [(after[:, :3], True), (after, False)])
    for position in (1, 9):
        joined = np.concatenate([rows, tokens], axis=1)
        cases.add(f"last at {position}", text.format("last"),
                  [(tokens, {1}), (rows,), position],
                  [(joined[:, 4 - min(position, 4):], True), (joined[:, 2:], False)])


def main():
    cases, rng = Cases(), np.random.default_rng(0)
    for add in (linear, norm, rope, embed, short_conv, append):
        add(cases, rng)
    cases.check()


main()
