"""Kernels of attention that know whole rows before they meet the values, that list
keys one by one, and that merge parts, against NumPy in f64."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import importlib

import numpy as np

from kernels import Kernel, check, get_levels

attention = importlib.import_module("run-attention")
Case, floats, packed = attention.Case, attention.floats, attention.packed
BIAS, DATA, ROWS = attention.BIAS, attention.DATA, attention.ROWS
r = np.random.default_rng(4)

# Heads look down or up on a grid of 7 columns, or at their own parity.
FIELD = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %ir = arith.divsi %i, %c7 : index
  %jr = arith.divsi %j, %c7 : index
  %ic = arith.remsi %i, %c7 : index
  %jc = arith.remsi %j, %c7 : index
  %down = arith.subi %jr, %ir : index
  %right = arith.subi %jc, %ic : index
  %up = arith.subi %ir, %jr : index
  %left = arith.subi %ic, %jc : index
  %first = arith.cmpi eq, %h, %c0 : index
  %ahead = arith.select %first, %down, %up : index
  %width = arith.maxsi %left, %right : index
  %0 = arith.cmpi sge, %ahead, %width : index
  program.yield %s, %0 : f32, i1""",
         lambda h, i, j: np.where(h == 0, j // 7 - i // 7, i // 7 - j // 7) >=
         abs(j % 7 - i % 7))
PARITY = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %c2 = arith.constant 2 : index
  %0 = arith.remsi %h, %c2 : index
  %1 = arith.remsi %i, %c2 : index
  %2 = arith.cmpi eq, %0, %1 : index
  program.yield %s, %2 : f32, i1""", lambda h, i, j: (h % 2 == i % 2) & (j >= 0))


def listed_cases():
    """Keys that are listed one by one, queries at a stride."""
    segments = packed(5, 1, 70, 64)
    valid = r.random((2, 140)) < 0.7
    yield Case(t=200, s=200, h=2, d=16, e=20, mask="strided", stride=8, per_task=64,
               lse=True)
    yield Case(t=3, s=90, h=1, d=16, e=16, mask="strided", at=87)
    yield Case(b=2, t=140, s=140, h=2, d=16, e=16, mask="strided", lse=True, stride=8,
               segments=(segments, segments))
    yield Case(b=2, t=140, s=140, h=1, d=8, e=8, mask="strided", valid=valid,
               stride=8, score=BIAS, extra=floats(200, 200))
    for stride in (1, 8):
        yield Case(t=90, s=70, h=2, d=16, e=16, mask="strided", allows=PARITY,
                   stride=stride, at=3, keys_at=6, normaliser="relu_mean")
    yield Case(t=50, s=61, h=1, d=16, e=16, mask="strided both ways", at=7, stride=3)
    yield Case(t=140, s=140, h=1, d=16, e=16, mask="strided", stride=8,
               normaliser="top_k<5>")
    yield Case(t=150, s=150, h=2, d=16, e=16, mask="fixed", lse=True)
    yield Case(b=2, t=98, s=98, h=2, d=16, e=16, allows=FIELD)
    yield Case(b=2, t=140, s=140, h=2, d=16, e=16, mass=True, mask="strided",
               segments=(segments, segments), valid=valid)
    yield Case(t=33, s=2400, h=1, d=8, e=8, mass=True, mask="strided", at=2367)
    yield Case(t=20, s=0, h=1, d=8, e=8, mask="strided", stride=8)


def row_cases():
    """Rows that are known before they meet the values: in passes over the keys, of
    which more than 2112 are computed again."""
    for normaliser in ROWS:
        # The first queries see no key.
        yield Case(b=2, t=70, s=60, h=2, d=16, e=20, mask="causal", at=5, keys_at=30,
                   normaliser=normaliser, mass=True)
    for normaliser in ("standard<1.0e-3>", "argmax"):
        yield Case(t=33, s=2300, h=1, d=8, e=8, normaliser=normaliser)
    yield Case(b=2, t=70, s=70, h=2, d=16, e=16, normaliser="standard<1.0e-3>",
               score=DATA, extra=floats(2, 70), data=True, mass=True,
               mask="causal")
    yield Case(t=33, s=2300, h=1, d=8, e=8, mass=True, mask="causal", at=2267)
    yield Case(t=33, s=2300, h=1, d=8, e=8, mass=True, normaliser="relu_mean")


def run_merge(level):
    """Parts by their lse, some without keys, against the sum of all of them."""
    for b, t, h, e, parts, per_task in [(2, 37, 3, 20, 2, 32), (1, 1, 2, 64, 3, 16),
                                        (1, 70, 1, 7, 1, 100), (1, 0, 2, 8, 2, 16)]:
        outs = [floats(b, t, h, e) for _ in range(parts)]
        lses = [10 * floats(b, h, t) for _ in range(parts)]
        lses[0][:, :, ::3] = -np.inf
        for lse in lses:
            lse[:, :, ::5] = -np.inf
        shares = np.exp(np.array(lses, "d"))
        total = shares.sum(0)
        shares = (shares / np.where(total == 0, 1, total)).transpose(0, 1, 3, 2)
        want = (np.array(outs, "d") * shares[..., None]).sum(0)
        with np.errstate(divide="ignore"):
            lse = np.log(total)
        arrays = [*outs, *lses, np.zeros((b, t, h, e), np.float32),
                  np.zeros((b, h, t), np.float32)]
        dynamic = [(0, 1)] * parts + [(0, 2)] * parts + [(0, 1), (0, 2)]
        kernel = Kernel(level, "merge", f"parts = {parts}, h = {h}, e = {e}, "
                        f"tokens_per_task = {per_task}", arrays, dynamic, 2)
        check(f"{level} merge of {parts} {b}x{t}x{h}x{e}", kernel, arrays, [b, t],
              b * h * -(-t // per_task), {2 * parts: want, 2 * parts + 1: lse},
              1e-5)


if __name__ == "__main__":
    for level in get_levels():
        for case in [*row_cases(), *listed_cases()]:
            case.run(level)
        run_merge(level)
    print("done")
