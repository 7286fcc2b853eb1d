"""Times CPU kernels on one thread as a share of what the machine can do.

usage: bench.py [REGEX [LEVEL]]     with weft-opt and LLVM's tools in PATH
Without a level all but x86-64-v4-amx, on which products in bf16 are shares of its unit.

Shapes are those of real models: SmolLM2-135M (9 heads, 3 key heads, 64 channels,
width 576), BERT-like encoders (12 heads of 32 or 64), Mamba-130M (1536 channels, 16
states, 4 taps). Times are of the processor, the best fifth of many samples; the peaks
are taken likewise before and after each kernel, and the better one counts. Attention counts the products
of allowed pairs; what is bound by memory counts the bytes that must be read and
written, against a read loop over as many bytes.
"""

import ctypes
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../test/codegen/cpu"))
from kernels import (UNIT_LEVEL, Kernel, aligned, get_levels,  # noqa: E402
                     has_matrix_unit)

r = np.random.default_rng(0)


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


def load_peaks():
    path = os.path.join(tempfile.mkdtemp(), "peak.so")
    subprocess.run(["clang", "-O2", "-shared", "-fPIC", "-o", path,
                    os.path.join(HERE, "peak.c")], check=True)
    library = ctypes.CDLL(path)
    for name in ("fma256", "fma512", "readRate", "amxBf16", "launch"):
        getattr(library, name).restype = ctypes.c_double
    return library


def time_kernel(kernel, arrays, scalars, tasks, launch, budget=0.5):
    """Seconds of a launch: of samples of some milliseconds the one below which a
    fifth of them are."""
    pointers, slots = kernel.arguments(arrays, scalars)

    def sample(count):
        return launch(kernel.library.kernel, pointers, slots,
                      ctypes.c_int64(tasks),
                      ctypes.c_void_p(kernel.scratch.ctypes.data),
                      ctypes.c_long(count))
    count = 1
    while sample(count) < 2e-3:
        count *= 2
    samples = []
    while len(samples) < 5 or sum(samples) < budget:
        samples.append(sample(count))
    return sorted(samples)[len(samples) // 5] / count


class Case:
    """A kernel with its launch. `flops` or `bytes` is the useful work of one."""

    def __init__(self, name, family, config, arrays, dynamic, scalars, tasks,
                 flops=0, bytes=0, elements=0, element="", on_unit=False):
        self.__dict__.update(locals())

    def run(self, level, peaks):
        arrays = [aligned(a) for a in self.arrays]
        kernel = Kernel(level, self.family, self.config, arrays, self.dynamic,
                        len(self.scalars), self.element)
        fma = peaks.fma256 if level == "x86-64-v3" else peaks.fma512
        if self.on_unit:
            fma = peaks.amxBf16
        data = aligned(np.zeros(max(256, self.bytes // 256 * 256), np.uint8))

        def best():
            return (fma() if self.flops else
                    peaks.readRate(ctypes.c_void_p(data.ctypes.data),
                                   ctypes.c_long(data.size)))
        peak = best()
        time = time_kernel(kernel, arrays, self.scalars, self.tasks,
                           peaks.launch)
        peak = max(peak, best())
        work, unit = (self.flops, "GF/s") if self.flops else (self.bytes, "GB/s")
        line = (f"{level} | {self.name} | {time * 1e6:.1f} | "
                f"{work / time * 1e-9:.1f} {unit} | "
                f"{100 * work / time / peak:.0f} % of {peak * 1e-9:.0f}")
        if self.elements:
            line += f" | {time / self.elements * 1e9:.3f} ns an element"
        print("| " + line + " |", flush=True)


# Of 1024 tokens in blocks of 64: the block itself, the one before, the first, and three drawn.
LISTS = [sorted({0, max(n - 1, 0), n, *map(int, np.random.default_rng(n).choice(16, 3))}) for n in range(16)]

MASKS = {
    None: ("", lambda i, j: np.ones(np.broadcast(i, j).shape, bool)),
    "causal": (", mask = #weft.causal", lambda i, j: j <= i),
    "window 256": (", mask = #weft.and<#weft.causal, #weft.window<256>>",
                   lambda i, j: (j <= i) & (i - j < 256)),
    "window 256 and 4 sinks": (
        ", mask = #weft.and<#weft.causal, #weft.or<#weft.window<256>, "
        "#weft.sinks<4>>>", lambda i, j: (j <= i) & ((i - j < 256) | (j < 4))),
    # The strided pattern of a sparse transformer, in blocks of 64 tokens.
    "every 4th block": (
        ", mask = #weft.where<affine_map<(i, j, d) -> "
        "((j floordiv 64) mod 4 - 3)>>", lambda i, j: (j // 64 % 4 == 3) | (i < 0)),
    # Sparse patterns by tokens: queries at the stride in a task, keys listed.
    "every 8th": (", mask = #weft.and<#weft.causal, #weft.every<8>>, stride = 8",
                  lambda i, j: (j <= i) & ((i - j) % 8 == 0)),
    "2 of 8 columns": (
        ", mask = #weft.and<#weft.causal, #weft.where<affine_map<(i, j, d) -> "
        "(j mod 8 - 6)>>>", lambda i, j: (j <= i) & (j % 8 >= 6)),
    "listed blocks": (f", mask = #weft.block_list<64, {LISTS}>", lambda i, j: np.vectorize(
        lambda q, k: k in LISTS[q])(i // 64, j // 64)),
    "own block of 64": (
        ", mask = #weft.where<affine_map<(i, j, d) -> "
        "(i floordiv 64 - j floordiv 64, j floordiv 64 - i floordiv 64)>>",
        lambda i, j: i // 64 == j // 64),
}

# name: (element region, its flags, extra operands)
SCORES = {
    "ALiBi": ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index,
                     %slopes: memref<9xf32>):
  %slope = memref.load %slopes[%h] : memref<9xf32>
  %0 = arith.subi %j, %i : index
  %1 = arith.index_cast %0 : index to i32
  %2 = arith.sitofp %1 : i32 to f32
  %3 = arith.mulf %slope, %2 : f32
  %4 = arith.addf %s, %3 : f32
  weft.yield %4 : f32""", "", [2.0 ** -np.arange(1, 10).astype("f")]),
    "soft cap": ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %c = arith.constant 30.0 : f32
  %r = arith.constant 0.033333333 : f32
  %0 = arith.mulf %s, %r : f32
  %1 = math.tanh %0 : f32
  %2 = arith.mulf %1, %c : f32
  weft.yield %2 : f32""", "", []),
    "column sums": ("", ", mass", []),
    "clipped weights": ("""^bb0(%s: f32, %b: index, %h: index, %i: index,
                               %j: index, %w: f32):
  %most = arith.constant 0.1 : f32
  %0 = arith.minnumf %w, %most : f32
  program.yield %s, %0 : f32, f32""", ", post", []),
}


def attention(what, t, h, g, d, mask=None, per_task=64, normaliser="softmax",
              score=None):
    q, k = floats(1, t, h, d), floats(1, t, g, d)
    text, allows = MASKS[mask]
    element, flags, extras = SCORES.get(score, ("", "", []))
    pairs = int(allows(*np.ogrid[:t, :t]).sum()) if mask != "every 4th block" \
        else int(allows(*np.mgrid[:t, :t]).sum())
    stride = int((re.findall(r"stride = (\d+)", text) or [1])[0])
    name = f"attention {what} {t} x {t}, {h} heads / {g}, {d} channels, {mask or 'full'}"
    name += f", {score}" if score else ""
    name += f", {normaliser}" if normaliser != "softmax" else ""
    arrays = [q, k, floats(1, t, g, d), *extras, np.zeros_like(q)]
    dynamic = [(0, 1)] * 3 + [()] * len(extras) + [(0, 1)]
    if "mass" in flags:
        arrays.append(floats(1, h, t))
        dynamic.append((0, 2))
    return Case(name, "attention",
                f"normaliser = #weft.{normaliser}, h = {h}, g = {g}, d = {d}, "
                f"e = {d}, scale = 0.125 : f64, queries_per_task = {per_task}"
                + text + flags, arrays, dynamic, [1, t, t, 0, 0],
                h * (1 if "mass" in flags else
                     stride * -(-(-(-t // stride)) // per_task)),
                flops=4 * d * h * pairs, element=element)


def attention_bf16(t, h, g, d, mask=None):
    """On keys and values that are packed."""
    text, allows = MASKS[mask]
    pairs = int(allows(*np.ogrid[:t, :t]).sum())
    packed = (floats(2, 1, g, -(-t // 32), 32, d).view(np.uint32) >> 16).astype(np.uint16)
    q = floats(1, t, h, d)
    return Case(f"attention bf16 {t} x {t}, {h} heads / {g}, {d} channels, {mask or 'full'}",
                "attention", f"normaliser = #weft.softmax, h = {h}, g = {g}, d = {d}, "
                f"e = {d}, scale = 0.125 : f64, queries_per_task = 32, packed{text}",
                [q, *packed, np.zeros_like(q)], [(0, 1), (0, 2), (0, 2), (0, 1)],
                [1, t, t, 0, 0], h * -(-t // 32), flops=4 * d * h * pairs, on_unit=True)


def attention_pack(t, g, d):
    k = floats(1, t, g, d)
    packed = np.zeros((1, g, -(-t // 32), 32, d), np.uint16)
    return Case(f"attention_pack {t} keys, {g} heads, {d} channels", "attention_pack",
                f"g = {g}, d = {d}, e = {d}, blocks_per_task = 2",
                [k, k.copy(), packed, packed.copy()], [(0, 1)] * 2 + [(0, 2)] * 2, [1, t],
                g * -(-t // 64), bytes=2 * (k.nbytes + packed.nbytes))


def cache(s, g, d, storage):
    """Rows of a cache. Few codes of a byte are not a scale: it is set."""
    if storage == "f32":
        return floats(1, s, g, d)
    if storage == "f16":
        return floats(1, s, g, d).astype(np.float16)
    if storage == "bf16":
        return (floats(1, s, g, d).view(np.uint32) >> 16).astype(np.uint16)
    rows = r.integers(-127, 128, (1, s, g, d + 4)).astype(np.int8)
    rows[..., d:] = np.array([0.01], np.float32).view(np.int8)
    return rows


def decode(s, h, g, d, storage="f32", per_task=256):
    slices = -(-s // per_task)
    k, v = cache(s, g, d, storage), cache(s, g, d, storage)
    arrays = [floats(1, 1, h, d), k, v,
              np.zeros((1, 1, h, slices, d + 2), np.float32)]
    return Case(f"attention_decode of {s} keys in {storage}, {h} heads / {g}, "
                f"{d} channels", "attention_decode",
                f"normaliser = #weft.softmax, h = {h}, g = {g}, d = {d}, e = {d}, "
                f"scale = 0.125 : f64, keys_per_task = {per_task}, "
                f"key_heads_per_task = {g}", arrays,
                [(0, 1), (0, 1), (0, 1), (0, 1, 3)], [1, 1, s, s - 1, 0],
                slices, bytes=k.nbytes + v.nbytes)


def norm(kind, m, c, shift):
    x, scale = floats(m, c), floats(c)
    extras = [scale] * (2 if shift else 1)
    rows = max(1, 16384 // c)
    return Case(f"norm {kind} {m} x {c}", "norm",
                f"kind = #weft.norm_kind<{kind}>, epsilon = 1.0e-5 : f32, c = {c}, "
                f"rows_per_task = {rows}, scale" + ", shift" * shift,
                [x, *extras, np.zeros_like(x)],
                [(0,), *[()] * len(extras), (0,)], [m], -(-m // rows),
                bytes=2 * x.nbytes, elements=x.size)


def softmax(m, c):
    x = floats(m, c)
    rows = max(1, 16384 // c)
    form = "stored" if c <= 1 << 18 else "online"
    return Case(f"softmax {form} {m} x {c}", "softmax",
                f'form = "{form}", c = {c}, rows_per_task = {rows}',
                [x, np.zeros_like(x)], [(0,), (0,)], [m], -(-m // rows),
                bytes=2 * x.nbytes, elements=x.size)


def rope(pairing, t, h, d):
    x = floats(1, t, h, d)
    return Case(f"rope {pairing} {t} tokens, {h} heads of {d}", "rope",
                f"pairing = #weft.rope_pairing<{pairing}>, h = {h}, d = {d}, "
                f"r = {d // 2}", [x, floats(t, 2, d // 2), np.zeros_like(x)],
                [(0, 1), (0,), (0, 1)], [1, t], t, bytes=2 * x.nbytes,
                elements=x.size)


def rope_table(t, pairs):
    out = np.zeros((t, 2, pairs), np.float32)
    return Case(f"rope_table {t} x {pairs}", "rope_table",
                f"magnitude = 1.0 : f64, r = {pairs}",
                [10000.0 ** (-np.arange(pairs) / pairs), out], [(), (0,)],
                [t, 1000], t, bytes=out.nbytes, elements=out.size)


SILU_MUL = """^bb0(%a: f32, %b: f32, %o: f32):
  %one = arith.constant 1.0 : f32
  %0 = arith.negf %a : f32
  %1 = math.exp %0 : f32
  %2 = arith.addf %1, %one : f32
  %3 = arith.divf %a, %2 : f32
  %4 = arith.mulf %3, %b : f32
  program.yield %4 : f32"""
GELU_ERF = """^bb0(%a: f32, %o: f32):
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %root = arith.constant 0.70710678 : f32
  %0 = arith.mulf %a, %root : f32
  %1 = math.erf %0 : f32
  %2 = arith.addf %1, %one : f32
  %3 = arith.mulf %a, %half : f32
  %4 = arith.mulf %3, %2 : f32
  program.yield %4 : f32"""
GELU_TANH = """^bb0(%a: f32, %o: f32):
  %half = arith.constant 0.5 : f32
  %one = arith.constant 1.0 : f32
  %c = arith.constant 0.044715 : f32
  %root = arith.constant 0.797884561 : f32
  %0 = arith.mulf %a, %a : f32
  %1 = arith.mulf %0, %a : f32
  %2 = arith.mulf %1, %c : f32
  %3 = arith.addf %a, %2 : f32
  %4 = arith.mulf %3, %root : f32
  %5 = math.tanh %4 : f32
  %6 = arith.addf %5, %one : f32
  %7 = arith.mulf %a, %half : f32
  %8 = arith.mulf %7, %6 : f32
  program.yield %8 : f32"""
SILU = """^bb0(%a: f32, %o: f32):
  %one = arith.constant 1.0 : f32
  %0 = arith.negf %a : f32
  %1 = math.exp %0 : f32
  %2 = arith.addf %1, %one : f32
  %3 = arith.divf %a, %2 : f32
  program.yield %3 : f32"""
ROW_SUM = """^bb0(%a: f32, %o: f32):
  %0 = arith.addf %o, %a : f32
  program.yield %0 : f32"""


def generic(what, body, inputs, out, maps, iterators):
    maps = ", ".join(f"affine_map<(d0, d1) -> ({m})>" for m in maps)
    kinds = ", ".join(f"#linalg.iterator_type<{i}>" for i in iterators)
    arrays = [*inputs, out]
    size = inputs[0].size
    return Case(f"generic {what} {inputs[0].shape[0]} x {inputs[0].shape[1]}",
                "generic",
                f"indexing_maps = [{maps}], iterator_types = [{kinds}], "
                f"inputs = {len(inputs)}, outputs = 1, task_loop = 0, "
                "iterations_per_task = 8, init", arrays,
                [(0,)] * len(arrays), [inputs[0].shape[0]],
                -(-inputs[0].shape[0] // 8), bytes=sum(a.nbytes for a in arrays),
                elements=size, element=body)


def mamba(t, c, rows):
    arrays = [floats(1, t, 1, rows), floats(1, t, 1, rows), floats(1, t, 1, c),
              np.abs(floats(1, t, 1, c)) * 0.1, -np.abs(floats(1, rows, c)),
              np.zeros((1, 1, rows, c)), np.zeros((1, t, 1, c)),
              np.zeros((1, 1, rows, c))]
    return Case(f"scan selective {t} tokens, {c} columns, {rows} rows", "scan",
                f"transition = #weft.selective, h = 1, r = {rows}, c = {c}, "
                "columns_per_task = 128", [a.astype("f") for a in arrays],
                [(0, 1)] * 4 + [(), (0,), (0, 1), (0,)], [1, t], -(-c // 128),
                bytes=12 * t * c, elements=t * c)


def linear_attention(transition, t, h, rows, c):
    gates = {"decay<scalar>": [(1, t, h)],
             "gated_delta": [(1, t, h, rows), (1, t, h)]}[transition]
    k = floats(1, t, h, rows) / np.float32(rows ** 0.5)
    arrays = [floats(1, t, h, rows), k, floats(1, t, h, c),
              *[r.uniform(0.9, 1, g).astype("f") for g in gates],
              np.zeros((1, h, rows, c), "f"), np.zeros((1, t, h, c), "f"),
              np.zeros((1, h, rows, c), "f")]
    per_element = 8 if transition == "gated_delta" else 4
    return Case(f"scan {transition} {t} tokens, {h} heads, {rows} x {c}", "scan",
                f"transition = #weft.{transition}, h = {h}, r = {rows}, c = {c}, "
                "columns_per_task = 64", arrays,
                [(0, 1)] * (3 + len(gates)) + [(0,), (0, 1), (0,)], [1, t],
                h * -(-c // 64), flops=per_element * t * h * rows * c)


def short_conv(t, c, w):
    x = floats(1, t, c)
    silu = """^bb0(%a: f32, %b: f32):
      %one = arith.constant 1.0 : f32
      %0 = arith.addf %a, %b : f32
      %1 = arith.negf %0 : f32
      %2 = math.exp %1 : f32
      %3 = arith.addf %2, %one : f32
      %4 = arith.divf %0, %3 : f32
      weft.yield %4 : f32"""
    taps = np.zeros((1, w - 1, c), np.float32)
    return Case(f"short_conv {t} tokens, {c} channels, {w} taps, silu",
                "short_conv", f"c = {c}, w = {w}, dilation = 1, "
                "channels_per_task = 256",
                [x, floats(c, w), floats(c), taps, np.zeros_like(x), taps],
                [(0, 1), (), (), (0,), (0, 1), (0,)], [1, t], -(-c // 256),
                bytes=2 * x.nbytes, elements=x.size, element=silu)


def get_unit_cases():
    for tokens in (512, 2048):
        for mask in (None, "causal"):
            yield attention_bf16(tokens, 9, 3, 64, mask)
    yield attention_bf16(1024, 9, 3, 64, "window 256")
    yield attention_bf16(128, 9, 3, 64, "causal")
    yield attention_bf16(512, 12, 12, 64)
    yield attention_pack(512, 3, 64)


def get_cases():
    yield attention("SmolLM2", 512, 9, 3, 64)
    yield attention("SmolLM2", 512, 9, 3, 64, "causal")
    yield attention("SmolLM2", 2048, 9, 3, 64, "causal")
    yield attention("SmolLM2", 1024, 9, 3, 64, "window 256")
    yield attention("BERT", 128, 12, 12, 32)
    yield attention("BERT", 128, 12, 12, 64)
    yield attention("SmolLM2", 128, 9, 3, 64, "causal")
    yield attention("variant", 1024, 9, 3, 64)
    for mask in list(MASKS)[1:]:
        yield attention("variant", 1024, 9, 3, 64, mask)
    for score in SCORES:
        yield attention("variant", 1024, 9, 3, 64, score=score)
    for normaliser in ("sigmoid", "relu_mean"):
        yield attention("variant", 1024, 9, 3, 64, normaliser=normaliser)
    for storage in ("f32", "f16", "bf16", "int8"):
        for keys in (1024, 4096, 65536):
            yield decode(keys, 9, 3, 64, storage)
    yield norm("rms", 128, 576, False)
    yield norm("rms", 1, 576, False)
    yield norm("layer", 128, 384, True)
    yield norm("layer", 2048, 768, True)
    yield softmax(1536, 128)
    yield softmax(128, 1536)
    yield softmax(16, 49152)
    yield softmax(1024, 64)
    yield softmax(4, 1 << 20)
    yield rope_table(128, 32)
    yield rope("half", 128, 9, 64)
    yield rope("adjacent", 128, 9, 64)
    x, y = floats(128, 1536), floats(128, 1536)
    both = ["d0, d1"] * 3
    yield generic("silu(a) b", SILU_MUL, [x, y], np.zeros_like(x), both,
                  ["parallel"] * 2)
    yield generic("gelu by erf", GELU_ERF, [x], np.zeros_like(x), both[:2],
                  ["parallel"] * 2)
    yield generic("gelu by tanh", GELU_TANH, [x], np.zeros_like(x), both[:2],
                  ["parallel"] * 2)
    yield generic("silu", SILU, [x], np.zeros_like(x), both[:2],
                  ["parallel"] * 2)
    yield generic("row sums", ROW_SUM, [x], np.zeros(128, "f"), ["d0, d1", "d0"],
                  ["parallel", "reduction"])
    yield mamba(512, 1536, 16)
    yield linear_attention("decay<scalar>", 512, 8, 64, 64)
    yield linear_attention("gated_delta", 512, 8, 64, 64)
    yield short_conv(512, 1536, 4)


if __name__ == "__main__":
    peaks = load_peaks()
    print("| level | kernel | us | rate | share of the peak | |\n"
          "|---|---|---|---|---|---|")
    for level in sys.argv[2:] or get_levels():
        unit = level == UNIT_LEVEL
        if unit and not has_matrix_unit():
            sys.exit("this machine has no matrix unit for bf16")
        for case in get_unit_cases() if unit else get_cases():
            if re.search(sys.argv[1] if len(sys.argv) > 1 else "", case.name):
                case.run(level, peaks)
