"""attention_pack and attention on what it has packed: products in bf16, on a matrix unit
if there is one, against NumPy in f64."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import (UNIT_LEVEL, Kernel, aligned, check, get_levels, has_matrix_unit)

r = np.random.default_rng(9)
MASKS = {
    "causal": ("#weft.causal", lambda i, j: j <= i),
    "window": ("#weft.and<#weft.causal, #weft.window<50>>",
               lambda i, j: (j <= i) & (i - j < 50)),
}
SOFTCAP = """^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %c = arith.constant 30.0 : f32
  %0 = arith.divf %s, %c : f32
  %1 = math.tanh %0 : f32
  %2 = arith.mulf %1, %c : f32
  weft.yield %2 : f32"""


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def rounded(x):
    """To the nearest bf16."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16).view(np.float32)


def test(level, b=1, t=64, s=64, h=2, g=1, d=32, e=32, mask=None, at=0, keys_at=0,
         normaliser="softmax", valid=None, capped=False, gain=1.0, per_task=32, line=None):
    q, k, v = floats(b, t, h, d) * np.float32(gain), floats(b, s, g, d), floats(b, s, g, e)
    if line is not None:  # Scores are multiples of the numbers in it, without an error.
        q[:], k[:] = 0, 0
        q[..., 0], k[..., 0] = 2.0 ** (np.arange(t) % 3)[None, :, None], line[:, None]
    up = lambda n: -(-n // 32) * 32
    blocks = -(-s // 32)
    packed = [np.zeros((b, g, blocks, 32, up(n)), np.uint16) for n in (d, e)]
    arrays = [aligned(a) for a in (k, v, *packed)]
    pack = Kernel(level, "attention_pack", f"g = {g}, d = {d}, e = {e}, blocks_per_task = 2",
                  arrays, [(0, 1)] * 2 + [(0, 2)] * 2, 2)
    for task in reversed(range(b * g * -(-blocks // 2))):
        pack(arrays, [b, s], task, task + 1)

    scale = d ** -0.5
    repeat = lambda x: np.repeat(rounded(x).astype("d"), h // g, 2)
    # A matrix unit rounds queries too, and weights.
    scaled = q * np.float32(scale)
    scaled = rounded(scaled) if level == UNIT_LEVEL else scaled
    scores = np.einsum("bthd,bshd->bhts", scaled.astype("d"), repeat(k))
    if capped:
        scores = 30 * np.tanh(scores / 30)
    i, j = at + np.arange(t)[:, None], keys_at + np.arange(s)[None]
    allowed = np.ones(scores.shape, bool)
    if mask:
        allowed &= MASKS[mask][1](i, j)
    if valid is not None:
        allowed &= (valid != 0)[:, None, None]
    if normaliser == "softmax":
        scores = np.where(allowed, scores, -np.inf)
        top = scores.max(-1, keepdims=True, initial=-1e30)
        p = np.exp(scores - top)
        total = p.sum(-1, keepdims=True)
        with np.errstate(divide="ignore"):
            lse = (top + np.log(total))[..., 0]
        p /= np.where(total == 0, 1, total)
    else:
        p, lse = np.where(allowed, 1 / (1 + np.exp(-scores)), 0), None
    out = np.einsum("bhts,bshe->bthe", p, repeat(v))

    config = (f"normaliser = #weft.{normaliser}, h = {h}, g = {g}, d = {d}, e = {e}, "
              f"scale = {scale!r} : f64, packed, queries_per_task = {per_task}")
    config += (f", mask = {MASKS[mask][0]}" if mask else "") + ", lse" * (lse is not None)
    config += ", valid" * (valid is not None)
    given = [q, arrays[2], arrays[3], *([] if valid is None else [valid])]
    dynamic = [(0, 1), (0, 2), (0, 2), *([] if valid is None else [(0, 1)])]
    wanted = {len(given): out}
    given, dynamic = [*given, np.zeros(out.shape, np.float32)], [*dynamic, (0, 1)]
    if lse is not None:
        wanted[len(given)] = lse
        given, dynamic = [*given, np.zeros(lse.shape, np.float32)], [*dynamic, (0, 2)]
    kernel = Kernel(level, "attention", config, given, dynamic, 5,
                    SOFTCAP if capped else "")
    # Weights are off by a part of themselves, at worst all to one side: by exp, which
    # a matrix unit's weights are as bf16 at once, and what a score loses as a sum of d
    # numbers.
    sizes = np.einsum("bthd,bshd->bhts", np.abs(scaled.astype("d")), np.abs(repeat(k)))
    part = 2e-4 + (d * 2 ** -24 * sizes.max() if line is None else 0)
    part += 0.0075 if level == UNIT_LEVEL else 0
    worst = np.einsum("bhts,bshe->bthe", p, np.abs(repeat(v))).max()
    tolerance = part * worst / np.sqrt((out ** 2).mean())
    check(f"{level} {t}x{s} {d}/{e} {mask} {normaliser}", kernel, given,
          [b, t, s, at, keys_at], b * h * -(-t // per_task), wanted, tolerance)


def test_all(level):
    test(level, t=64, s=128, d=64, e=64)
    test(level, b=2, t=150, s=150, h=4, g=2, d=64, e=64, mask="causal", per_task=128)
    test(level, t=70, s=333, h=3, d=40, e=20, mask="causal", at=263, gain=6.0)
    test(level, t=200, s=200, d=32, e=48, mask="window", at=10, keys_at=10, capped=True)
    test(level, t=40, s=60, d=16, e=16, mask="causal", at=5, keys_at=30)
    test(level, t=33, s=70, d=80, e=130)
    test(level, t=50, s=90, d=64, e=64, normaliser="sigmoid", mask="causal", at=40)
    test(level, t=100, s=700, d=64, e=64, mask="causal", at=600, gain=30.0)
    valid = np.ones((2, 140), np.int64)
    valid[0, 50:], valid[1, ::3] = 0, 0
    test(level, b=2, t=140, s=140, d=32, e=32, valid=valid)
    # What weights refer to is known from other keys, or from none before.
    steps = np.arange(1400)
    for line in (steps // 8, -(steps // 8), steps // 8 * 256.0, 2.0 ** (steps // 12),
                 np.where(steps % 701 == 700, 200, -200)):
        test(level, t=40, s=1400, d=64, e=64, line=line)
    valid = (np.arange(1400)[None] >= [[700], [1400]]).astype(np.int64)
    test(level, b=2, t=70, s=1400, d=64, e=64, valid=valid)
    test_not_a_number(level)


def test_not_a_number(level, t=64, s=700, d=64):
    """A query that is not a number has no result; a key, no query that sees it."""
    q, keys = floats(1, t, 1, d), (floats(1, 1, -(-s // 32), 32, d).view(np.uint32) >> 16)
    q[0, 5] = np.nan
    keys, out = keys.astype(np.uint16), aligned(np.zeros((1, t, 1, d), np.float32))
    values = keys.copy()
    keys[0, 0, 650 // 32] = 0x7fc0
    arrays = [*map(aligned, (q, keys, values)), out]
    kernel = Kernel(level, "attention", f"normaliser = #weft.softmax, h = 1, g = 1, d = {d}, "
                    f"e = {d}, packed, queries_per_task = 32, mask = #weft.causal", arrays,
                    [(0, 1), (0, 2), (0, 2), (0, 1)], 5)
    kernel(arrays, [1, t, s, 610, 0], 0, 2)
    lost = np.isnan(out[0, :, 0]).any(-1)
    wanted = (np.arange(t) == 5) | (610 + np.arange(t) >= 640)
    assert (lost == wanted).all(), (lost, wanted)


if __name__ == "__main__":
    test(get_levels()[-1], b=2, t=70, s=100, h=2, d=40, e=20, mask="causal", at=30)
    if has_matrix_unit():
        test_all(UNIT_LEVEL)
    print("done")
