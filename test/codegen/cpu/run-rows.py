"""Kernels of families norm, softmax, rope_table, rope and top_k against NumPy in f64."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, check, get_levels

r = np.random.default_rng(0)


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def norm(kind, x, scale, shift, epsilon):
    x = x.astype("d")
    if kind == "layer":
        x = x - x.mean(-1, keepdims=True)
    total = (x ** 2).sum(-1, keepdims=True)
    if kind != "l2" and x.shape[-1]:
        total = total / x.shape[-1]
    x = x / np.sqrt(total + epsilon)
    return (x if scale is None else x * scale) + (0 if shift is None else shift)


def test_norm(level):
    for kind, m, c, with_scale, with_shift, rows in [
            ("rms", 7, 576, True, False, 2), ("layer", 5, 384, True, True, 4),
            ("l2", 3, 64, False, False, 1), ("rms", 4, 33, True, False, 3),
            ("layer", 1, 7, False, True, 1), ("layer", 6, 100, True, False, 4),
            ("rms", 2, 1, True, True, 1), ("layer", 3, 1024, True, True, 8),
            ("rms", 0, 48, True, False, 2)]:
        x = floats(m, c) + 100 * (kind == "layer")
        scale, shift = floats(c), floats(c)
        extras = [scale] * with_scale + [shift] * with_shift
        arrays = [x, *extras, np.zeros_like(x)]
        config = (f"kind = #weft.norm_kind<{kind}>, epsilon = 1.0e-5 : f32, "
                  f"c = {c}, rows_per_task = {rows}"
                  + ", scale" * with_scale + ", shift" * with_shift)
        kernel = Kernel(level, "norm", config, arrays,
                        [(0,), *[()] * len(extras), (0,)], 1)
        want = norm(kind, x, scale if with_scale else None,
                    shift if with_shift else None, 1e-5)
        # A mean of 100 leaves as many digits less of the differences.
        check(f"{level} norm {kind} {m}x{c}", kernel, arrays, [m], -(-m // rows),
              {len(arrays) - 1: want}, 4e-5 if kind == "layer" else 2e-6)


def to_byte_tiles(rows):
    """Codes and scales of rows, in blocks of 16; what is not written is 7."""
    m, c = rows.shape
    steps = -(-c // 64)
    tiles = np.full((-(-m // 16), steps, 16, 64), 7, np.int8)
    scales = np.full((len(tiles), 64), 7, np.int8)
    for i, row in enumerate(rows):
        most = np.abs(row).max()
        codes = np.zeros(64 * steps, np.int8)
        codes[:c] = np.rint(row.astype("d") * (np.float32(127) / most))
        tiles[i // 16, :, i % 16] = codes.reshape(steps, 64)
        scales[i // 16, 4 * (i % 16):][:4] = np.frombuffer(
            most * np.float32(1 / 127), np.int8)
    return np.hstack([tiles.reshape(len(tiles), -1), scales])


def test_norm_bytes(level):
    """Rows as they are and as bytes in tiles, which are those of the rows."""
    for m, c, rows in [(7, 576, 2), (33, 70, 4), (16, 64, 16)]:
        x, scale = floats(m, c), floats(c)
        config = ("kind = #weft.norm_kind<rms>, epsilon = 1.0e-5 : f32, "
                  f"c = {c}, rows_per_task = {rows}, scale")
        name, tasks = f"{level} norm bytes {m}x{c}", -(-m // rows)
        want = norm("rms", x, scale, None, 1e-5)
        alone = Kernel(level, "norm", config, [x, scale, x], [(0,), (), (0,)], 1)
        plain = check(name, alone, [x, scale, np.zeros_like(x)], [m], tasks,
                      {2: want})[2]
        tiles = to_byte_tiles(plain)
        arrays = [x, scale, np.zeros_like(x), np.zeros_like(tiles)]
        kernel = Kernel(level, "norm", config, arrays, [(0,), (), (0,), (0,)], 1)
        check(name, kernel, arrays, [m], tasks, {2: want, 3: tiles})


def test_softmax(level):
    for form in ("stored", "online"):
        for m, c, known, rows in [
                (5, 1536, True, 2), (3, 1536, False, 1), (7, 8, True, 4),
                (2, 1, True, 1), (4, 33, False, 2), (1, 130, True, 1),
                (3, 64, True, 8), (0, 48, True, 2)]:
            # Multiples of 1/256, so that differences to the maximum are exact.
            x = np.round(256 * 20 * floats(m, c)) / np.float32(256)
            if m > 2:
                x[1] -= 1e4              # far from zero
                x[2, : c // 2] = -np.inf  # left out
            if m > 4:
                x[3] = -np.inf            # nothing there: NaN by definition
                x[4, c // 3] = np.nan
            with np.errstate(invalid="ignore"):
                e = x.astype("d")
                e = np.exp(e - e.max(-1, keepdims=True))
            arrays = [x, np.zeros_like(x)]
            config = f'form = "{form}", rows_per_task = {rows}' + f", c = {c}" * known
            kernel = Kernel(level, "softmax", config, arrays,
                            [(0,) if known else (0, 1)] * 2, 1 if known else 2)
            check(f"{level} softmax {form} {m}x{c}", kernel, arrays,
                  [m] if known else [m, c], -(-m // rows),
                  # Within 2.5 ulp; no number is greater than the norm of all.
                  {1: e / e.sum(-1, keepdims=True)},
                  2.5 * 2 ** -23 * max(x.size, 1) ** 0.5)


def test_rope_table(level):
    for t, pairs, position in [(5, 32, 0), (3, 16, 100000), (1, 7, 3),
                               (4, 21, 1 << 20)]:
        frequencies = 10000.0 ** (-np.arange(pairs) / pairs)
        arrays = [frequencies, np.zeros((t, 2, pairs), np.float32)]
        kernel = Kernel(level, "rope_table", f"magnitude = 1.5 : f64, r = {pairs}",
                        arrays, [(), (0,)], 2)
        angle = (position + np.arange(t))[:, None] * frequencies
        want = 1.5 * np.stack([np.cos(angle), np.sin(angle)], 1)
        check(f"{level} rope_table {t}x{pairs} at {position}", kernel, arrays,
              [t, position], t, {1: want}, 2e-7)


def rope(x, table, pairing):
    pairs = table.shape[-1]
    cos, sin = (table[None, :, i, None].astype("d") for i in (0, 1))
    out = x.astype("d").copy()
    first = slice(0, pairs) if pairing == "half" else slice(0, 2 * pairs, 2)
    second = (slice(pairs, 2 * pairs) if pairing == "half"
              else slice(1, 2 * pairs, 2))
    a, b = x[..., first], x[..., second]
    out[..., first], out[..., second] = a * cos - b * sin, a * sin + b * cos
    return out


def test_rope(level):
    for (b, t, h, d), pairs, pairing in [
            ((1, 5, 9, 64), 32, "half"), ((2, 3, 3, 64), 32, "adjacent"),
            ((2, 1, 2, 24), 5, "half"), ((1, 4, 2, 50), 21, "adjacent"),
            ((1, 2, 1, 80), 16, "half"), ((1, 0, 2, 32), 16, "half")]:
        x, table = floats(b, t, h, d), floats(t, 2, pairs)
        config = (f"pairing = #weft.rope_pairing<{pairing}>, h = {h}, d = {d}, "
                  f"r = {pairs}")
        arrays = [x, table, np.zeros_like(x)]
        kernel = Kernel(level, "rope", config, arrays, [(0, 1), (0,), (0, 1)], 2)
        want = rope(x, table, pairing)
        check(f"{level} rope {pairing} {x.shape}", kernel, arrays, [b, t], b * t,
              {2: want})

        def in_place(arrays, *rest):
            kernel([arrays[0], arrays[1], arrays[0]], *rest)
        check(f"{level} rope {pairing} {x.shape} in place", in_place, arrays,
              [b, t], b * t, {0: want}, in_place=[0])


def test_top_k(level):
    draws = np.random.default_rng(1)
    # Many equal numbers, fewer numbers than places, infinities, one row of many.
    for m, n, k, decimals, rows in [(5, 40, 4, 0, 2), (3, 7, 7, 1, 4),
                                    (2, 3, 5, 2, 1), (4, 1000, 16, 1, 3),
                                    (1, 50257, 40, 9, 1), (3, 0, 2, 1, 8),
                                    (0, 9, 2, 1, 8), (2, 33, 1, 3, 8)]:
        x = np.round(draws.standard_normal((m, n)), decimals).astype("f")
        x[:, 1::7] = -np.inf
        order = np.argsort(-x, -1, kind="stable")[:, :k]
        values = np.full((m, k), -np.inf, np.float32)
        places = np.full((m, k), -1, np.int64)
        values[:, :order.shape[1]] = np.take_along_axis(x, order, -1)
        places[:, :order.shape[1]] = order
        arrays = [x, np.zeros_like(values), np.zeros_like(places)]
        kernel = Kernel(level, "top_k", f"k = {k}, rows_per_task = {rows}", arrays,
                        [(0, 1), (0,), (0,)], 2)
        check(f"{level} top_k {k} of {m}x{n}", kernel, arrays, [m, n],
              -(-m // rows), {1: values, 2: places})


for level in get_levels():
    test_norm(level)
    test_norm_bytes(level)
    test_softmax(level)
    test_rope_table(level)
    test_rope(level)
    test_top_k(level)
print("done")
