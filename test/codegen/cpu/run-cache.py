"""Rows of a cache in f16, bf16 and int8: what store_rows and rope write, to the bit,
and attention and attention_decode on them against NumPy in f64."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import UNIT_LEVEL, Kernel, aligned, check, get_levels, has_matrix_unit

r = np.random.default_rng(5)
STORAGES = ("f16", "bf16", "int8")


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def store(x, storage):
    """The rows as a cache keeps them."""
    if storage == "f16":
        return x.astype(np.float16)
    if storage == "bf16":
        bits = x.view(np.uint32)
        nearest = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
        return np.where(np.isnan(x), bits >> 16 | 0x40, nearest).astype(np.uint16)
    top = np.abs(x).max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(top <= 1e-30, 0, top * np.float32(1 / 127))
        inverse = np.where(top <= 1e-30, 0, np.float32(127) / top)
    codes = np.rint(x * inverse.astype(np.float32)).astype(np.int8)
    return np.concatenate([codes, scale.astype(np.float32).view(np.int8)], -1)


def restore(rows, storage):
    """The numbers that the rows stand for, in f64."""
    if storage == "f16":
        return rows.astype("d")
    if storage == "bf16":
        return (rows.astype(np.uint32) << 16).view(np.float32).astype("d")
    scale = np.ascontiguousarray(rows[..., -4:]).view(np.float32)
    return rows[..., :-4].astype("d") * scale


def test_store(level, storage):
    x = floats(2, 5, 3, 20)
    x[0, 1, 2] = 0
    x[1, 0, 0] *= 1e-20
    x[1, 2, 1, 3] = -70000 if storage != "f16" else 60000
    if storage == "bf16":
        x[1, 3, 1, 3:6] = np.nan, np.inf, 3.3961776e38  # Rounds up to infinity.
    want = store(x, storage)
    arrays = [x, np.zeros_like(want)]
    kernel = Kernel(level, "store_rows", "h = 3, d = 20", arrays, [(0, 1)] * 2, 2)
    check(f"{level} store_rows {storage}", kernel, arrays, [2, 5], 10, {1: want})


def test_rope(level, storage):
    x, table = floats(2, 4, 2, 24), floats(4, 2, 8)
    cos, sin = table[:, None, 0], table[:, None, 1]
    a, b = x[..., :8], x[..., 8:16]
    want = x.copy()
    want[..., :8], want[..., 8:16] = a * cos - b * sin, a * sin + b * cos
    arrays = [x, table, np.zeros_like(store(x, storage))]
    kernel = Kernel(level, "rope", "pairing = #weft.rope_pairing<half>, h = 2, "
                    "d = 24, r = 8", arrays, [(0, 1), (0,), (0, 1)], 2)
    fresh = [aligned(a) for a in arrays]
    kernel(fresh, [2, 4], 0, 8)
    # A number may round to the next one, as products are rounded once here.
    step = {"f16": 2 ** -11, "bf16": 2 ** -8, "int8": 1.01 / 127}[storage]
    bound = step * (np.abs(want).max(-1, keepdims=True) if storage == "int8"
                    else np.abs(want)) + 1e-6
    error = np.abs(restore(fresh[2], storage) - want)
    assert (error <= bound).all(), f"rope {storage}: error {error.max():.2e}"
    print(f"{level} rope {storage}: ok")


def attend(q, k, v, at):
    group = q.shape[2] // k.shape[2]
    k, v = np.repeat(k, group, 2), np.repeat(v, group, 2)
    s = np.einsum("bthd,bshd->bhts", q.astype("d"), k) * q.shape[3] ** -0.5
    i, j = at + np.arange(q.shape[1])[:, None], np.arange(k.shape[1])[None]
    s = np.where(j <= i, s, -np.inf)
    p = np.exp(s - s.max(-1, keepdims=True))
    return np.einsum("bhts,bshe->bthe", p / p.sum(-1, keepdims=True), v)


def config(h, g, d, e):
    return (f"normaliser = #weft.softmax, mask = #weft.causal, h = {h}, g = {g}, "
            f"d = {d}, e = {e}, scale = {d ** -0.5!r} : f64")


def test_attention(level, storage, b, t, s, h, g, d, e):
    q = floats(b, t, h, d)
    k, v = store(floats(b, s, g, d), storage), store(floats(b, s, g, e), storage)
    want = attend(q, restore(k, storage), restore(v, storage), s - t)
    arrays = [q, k, v, np.zeros_like(want, dtype=np.float32)]
    kernel = Kernel(level, "attention", config(h, g, d, e) +
                    ", queries_per_task = 128", arrays, [(0, 1)] * 4, 5)
    check(f"{level} attention {storage} {t}x{s}", kernel, arrays,
          [b, t, s, s - t, 0], b * h * -(-t // 128), {3: want}, 1e-5)


def test_decode(level, storage, b, t, s, h, g, d, e, per_task, key_heads):
    q, slices = floats(b, t, h, d), -(-s // per_task)
    k, v = store(floats(b, s, g, d), storage), store(floats(b, s, g, e), storage)
    want = attend(q, restore(k, storage), restore(v, storage), s - t)
    arrays = [aligned(a) for a in
              (q, k, v, np.zeros((b, t, h, slices, e + 2), np.float32))]
    decode = Kernel(level, "attention_decode", config(h, g, d, e) +
                    f", keys_per_task = {per_task}, key_heads_per_task = {key_heads}", arrays,
                    [(0, 1), (0, 1), (0, 1), (0, 1, 3)], 5)
    decode(arrays, [b, t, s, s - t, 0], 0, b * g // key_heads * slices)
    merged = [arrays[-1], np.zeros_like(want, dtype=np.float32)]
    merge = Kernel(level, "attention_merge",
                   f"normaliser = #weft.softmax, h = {h}, e = {e}", merged,
                   [(0, 1, 3), (0, 1)], 3)
    # Products of integers round the query to 16 bits: each score by up to
    # sum |k| max |q| 2^-16 scale, some 1e-4 here.
    tolerance = 3e-4 if level == UNIT_LEVEL and storage == "int8" else 1e-5
    check(f"{level} decode {storage} {t}x{s}", merge, merged, [b, t, slices],
          b * t * h, {1: want}, tolerance)


if __name__ == "__main__":
    for level in get_levels():
        for storage in STORAGES:
            test_store(level, storage)
            test_rope(level, storage)
            test_attention(level, storage, 2, 70, 150, 4, 2, 24, 20)
    for level in get_levels() + [UNIT_LEVEL] * has_matrix_unit():
        for storage in STORAGES:
            test_decode(level, storage, 2, 1, 145, 6, 2, 24, 20, 64, 1)
            test_decode(level, storage, 2, 3, 145, 6, 2, 24, 20, 64, 2)
            test_decode(level, storage, 1, 1, 40, 12, 4, 40, 64, 24, 2)
            test_decode(level, storage, 1, 1, 700, 9, 3, 64, 64, 256, 3)
    print("done")
