"""Kernels of family long_conv against NumPy in f64."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, check, get_levels

r = np.random.default_rng(0)


def roots(rows):
    table = np.zeros((rows // 2, 3), complex)
    size = 4
    while size <= rows:
        powers = np.outer(np.arange(size // 4), [1, 2, 3])
        table[size // 4:size // 2] = np.exp(-2j * np.pi * powers / size)
        size *= 2
    return np.stack([table.real, table.imag], -1).reshape(rows // 2, 6).astype("f")


def convolve(x, f, skip, ahead):
    """The sum as the op defines it."""
    s, per_group = x.shape[1], x.shape[2] // f.shape[1]
    f = np.repeat(f.astype("d"), per_group, 1)
    out = np.zeros((x.shape[0], s - skip, x.shape[2]))
    for t in range(skip, s):
        first, last = max(0, t + ahead - len(f) + 1), min(s, t + ahead + 1)
        if last > first:
            taps = f[t + ahead - np.arange(first, last)]
            out[:, t - skip] = (x[:, first:last] * taps).sum(1)
    return out


for level in get_levels():
    #  B, S, skip, C, L, G, both, rows, channels a task
    for b, s, skip, c, l, g, both, rows, per_task in [
            (2, 100, 0, 40, 100, 40, False, 256, 32), (1, 77, 0, 33, 153, 33, True, 256, 33),
            (1, 200, 0, 96, 399, 2, True, 512, 48), (2, 300, 0, 60, 300, 2, False, 1024, 30),
            (1, 150, 40, 24, 300, 6, False, 512, 16), (1, 700, 0, 32, 90, 32, False, 1024, 32),
            (1, 600, 0, 34, 1199, 17, True, 2048, 34), (1, 513, 0, 16, 1025, 16, True, 2048, 16),
            (1, 1030, 30, 70, 2000, 1, False, 4096, 64),
            # Summed up directly: few products, or no scratch.
            (2, 5, 0, 40, 9, 40, True, 16, 32), (1, 90, 89, 20, 64, 20, False, 256, 20),
            (1, 100, 0, 18, 100, 6, False, 16, 18), (1, 64, 0, 40, 127, 1, True, 64, 40),
            (1, 1, 0, 7, 1, 7, True, 4, 7), (1, 0, 0, 16, 8, 16, False, 4, 16),
            (1, 3, 3, 16, 8, 16, False, 16, 16), (1, 200, 0, 16, 0, 16, False, 512, 16)]:
        x = r.standard_normal((b, s, c)).astype("f")
        f = (r.standard_normal((l, g)) / max(l, 1) ** 0.5).astype("f")
        arrays = [x, f, roots(rows), np.zeros((b, s - skip, c), "f")]
        shared = c // g >= 16
        config = f"c = {c}, g = {g}, rows = {rows}, channels_per_task = {per_task}"
        config += ", by_group" * shared + ", bidirectional" * both
        kernel = Kernel(level, "long_conv", config, arrays, [(0, 1), (0,), (), (0, 1)], 4)
        extent = c // g if shared else c
        tasks = (g if shared else 1) * -(-extent // per_task)
        want = convolve(x, f, skip, l // 2 if both else 0)
        check(f"{level} long_conv {b}x{s}x{c} by {l}x{g} skip {skip} rows {rows}" + " both" * both,
              kernel, arrays, [b, s, l, skip], tasks, {3: want})
print("done")
