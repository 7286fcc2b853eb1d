"""Kernels of the attention families against NumPy in f64: sizes that fit and that do
not, grouped heads, masks, offsets of positions, padding, score regions, normalisers,
rows without keys, lse, and decoding in slices that are merged."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, aligned, check, get_levels

r = np.random.default_rng(3)


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


MASKS = {
    "causal": ("#weft.causal", lambda i, j: j <= i),
    "window": ("#weft.and<#weft.causal, #weft.window<20>>",
               lambda i, j: (j <= i) & (i - j < 20)),
    "blocks": ("#weft.and<#weft.causal, #weft.where<affine_map<(i, j, d) -> "
               "(i floordiv 32 - j floordiv 32, (j floordiv 32) mod 2 - 1)>>>",
               lambda i, j: (j <= i) & (j // 32 % 2 == 1)),
    "dilated": ("#weft.and<#weft.causal, #weft.where<affine_map<(i, j, d) -> "
                "(-(d mod 5), 90 - d)>>>",
                lambda i, j: (j <= i) & ((i - j) % 5 == 0) & (i - j <= 90)),
    "strided": ("#weft.and<#weft.causal, #weft.every<8>>",
                lambda i, j: (j <= i) & ((i - j) % 8 == 0)),
    "strided both ways": ("#weft.every<3>", lambda i, j: (i - j) % 3 == 0),
    "fixed": ("#weft.and<#weft.causal, #weft.or<#weft.chunk<8>, "
              "#weft.where<affine_map<(i, j, d) -> (j mod 8 - 6)>>>>",
              lambda i, j: (j <= i) & ((i // 8 == j // 8) | (j % 8 >= 6))),
    "own": ("#weft.chunk<25>", lambda i, j: i // 25 == j // 25),
    # Two runs of keys with a gap between them.
    "bands": ("#weft.and<#weft.causal, #weft.or<#weft.window<20>, #weft.where<"
              "affine_map<(i, j, d) -> (d - 101, 137 - d)>>>>",
              lambda i, j: (j <= i) & ((i - j < 20) | ((i - j > 100) & (i - j < 138)))),
    "sinks": ("#weft.and<#weft.causal, #weft.or<#weft.window<40>, #weft.sinks<3>>>",
              lambda i, j: (j <= i) & ((i - j < 40) | (j < 3))),
}
ALIBI = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index,
                %slopes: memref<?xf32>):
  %slope = memref.load %slopes[%h] : memref<?xf32>
  %0 = arith.subi %j, %i : index
  %1 = arith.index_cast %0 : index to i32
  %2 = arith.sitofp %1 : i32 to f32
  %3 = arith.mulf %slope, %2 : f32
  %4 = arith.addf %s, %3 : f32
  weft.yield %4 : f32""",
         lambda s, i, j, x: s + x[:, None, None] * (j - i))
SOFTCAP = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
  %c = arith.constant 30.0 : f32
  %0 = arith.divf %s, %c : f32
  %1 = math.tanh %0 : f32
  %2 = arith.mulf %1, %c : f32
  weft.yield %2 : f32""", lambda s, i, j, x: 30 * np.tanh(s / 30))
BIAS = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index,
               %bias: memref<?x?xf32>):
  %0 = memref.load %bias[%i, %j] : memref<?x?xf32>
  %1 = arith.addf %s, %0 : f32
  weft.yield %1 : f32""",
        lambda s, i, j, x: s + x[i, j])
# Adds a number of the query, allows by position and key, and bounds the weights.
DATA = ("""^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index, %t: index,
               %n: index, %w: f32, %rows: memref<?x?xf32>):
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %most = arith.constant 0.04 : f32
  %row = memref.load %rows[%b, %t] : memref<?x?xf32>
  %0 = arith.addf %s, %row : f32
  %1 = arith.addi %i, %n : index
  %2 = arith.remui %1, %c3 : index
  %3 = arith.cmpi ne, %2, %c0 : index
  %4 = arith.minimumf %w, %most : f32
  program.yield %0, %3, %4 : f32, i1, f32""",
        lambda s, i, j, x: s + x[:, None, :, None])


def top_5(s):
    w = np.exp(s - s.max()) * (s >= np.sort(s)[-min(5, len(s))])
    return w / w.sum()


def sparsemax(s):
    """Martins and Astudillo 2016, algorithm 1."""
    z = np.sort(s)[::-1]
    support = z[1 + np.arange(1, len(s) + 1) * z > np.cumsum(z)]
    return np.maximum(s - (support.sum() - 1) / len(support), 0)


ROWS = {  # normalisers that need whole rows, by the allowed scores of one
    "standard<1.0e-3>": lambda s: (s - s.mean()) / np.sqrt(s.var() + 1e-3),
    "argmax": lambda s: (s == s.max()) * 1.0,
    "top_k<5>": top_5,
    "entmax<2.0>": sparsemax,
}


def weigh(normaliser, s, allowed):
    """Weights of the keys, and the logarithm of the sum of exponentials."""
    if normaliser == "softmax":
        s = np.where(allowed, s, -np.inf)
        top = s.max(-1, keepdims=True, initial=-np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            e = np.exp(s - np.where(top == -np.inf, 0, top))
            total = e.sum(-1, keepdims=True)
            lse = (top + np.log(total))[..., 0]
        return e / np.where(total == 0, 1, total), lse
    if normaliser in ROWS:
        p = np.zeros(np.broadcast_shapes(s.shape, allowed.shape))
        for at in np.ndindex(p.shape[:-1]):
            if allowed[at].any():
                p[at][allowed[at]] = ROWS[normaliser](s[at][allowed[at]])
        return p, None
    if normaliser == "sigmoid":
        return np.where(allowed, 1 / (1 + np.exp(-s)), 0), None
    count = np.maximum(allowed.sum(-1, keepdims=True), 1)
    return np.where(allowed, np.maximum(s, 0), 0) / count, None


class Case:
    def __init__(self, b=1, t=5, s=5, h=2, g=1, d=16, e=16, mask=None,
                 normaliser="softmax", at=0, keys_at=0, valid=None, score=None,
                 extra=None, lse=False, per_task=128, gain=1.0, mass=False,
                 segments=None, data=False, allows=None, stride=1, growth=None,
                 special=None):
        self.__dict__.update(locals())
        self.q, self.k, self.v = (floats(b, t, h, d) * np.float32(gain),
                                  floats(b, s, g, d), floats(b, s, g, e))
        if growth is not None:
            # Scores grow from key to key, and are exact.
            self.q, self.k = np.round(8 * self.q) / 8, np.round(8 * self.k) / 8
            self.q[..., 0] = np.sqrt(d)
            self.k[..., 0] = growth * np.arange(s)[:, None]
        if special is not None:
            self.q[..., 0] = abs(self.q[..., 0]) + 1
            self.k[:, s // 2, :, 0] = special

    def name(self):
        skip = {"self", "q", "k", "v", "score", "extra", "valid", "segments", "allows",
                "mass_expected"}
        parts = [f"{k}={v}" for k, v in self.__dict__.items() if k not in skip]
        parts += ["valid"] * (self.valid is not None)
        parts += ["score"] * (self.score is not None)
        parts += ["segments"] * (self.segments is not None)
        return " ".join(parts)

    def inputs(self):
        more = [a for a in (self.valid, *(self.segments or ()), self.extra)
                if a is not None]
        return [self.q, self.k, self.v, *more]

    def dynamic(self):
        more = [(0, 1)] * (self.valid is not None)
        more += [(0, 1)] * (2 * (self.segments is not None))
        if self.extra is not None:
            more.append(tuple(range(self.extra.ndim)))
        return [(0, 1)] * 3 + more

    def config(self):
        text = (f"normaliser = #weft.{self.normaliser}, h = {self.h}, "
                f"g = {self.g}, d = {self.d}, e = {self.e}, "
                f"scale = {self.d ** -0.5!r} : f64")
        if self.mask:
            text += f", mask = {MASKS[self.mask][0]}"
        text += ", segments" * (self.segments is not None)
        text += ", allowed" * (self.allows is not None)
        text += f", stride = {self.stride}" * (self.stride > 1)
        text += ", numbers, allowed, post" * self.data + ", mass" * self.mass
        return text + ", valid" * (self.valid is not None) + ", lse" * self.lse

    def scalars(self):
        return [self.b, self.t, self.s, self.at, self.keys_at]

    def element(self):
        return (self.score or self.allows or [""])[0]

    def expected(self):
        group = self.h // self.g
        k = np.repeat(self.k.astype("d"), group, 2)
        v = np.repeat(self.v.astype("d"), group, 2)
        s = np.einsum("bthd,bshd->bhts", self.q.astype("d"), k) * self.d ** -0.5
        i = self.at + np.arange(self.t)[:, None]
        j = self.keys_at + np.arange(self.s)[None]
        allowed = np.ones(s.shape, bool)
        if self.segments is not None:
            starts, key_starts = self.segments
            allowed = (starts[..., None] == key_starts[:, None])[:, None]
            i, j = (i - starts[..., None])[:, None], (j - key_starts[:, None])[:, None]
        if self.score:
            s = self.score[1](s, i, j, self.extra)
        if self.mask:
            allowed = allowed & MASKS[self.mask][1](i, j)
        if self.data:
            allowed = allowed & ((i + np.arange(self.s)) % 3 != 0)
        if self.allows:
            heads = np.arange(self.h)[:, None, None]
            allowed = allowed & self.allows[1](heads, i, j)
        allowed = np.broadcast_to(allowed, s.shape)
        if self.valid is not None:
            allowed = allowed & (self.valid != 0)[:, None, None]
        p, lse = weigh(self.normaliser, s, allowed)
        self.mass_expected = p.sum(2)
        if self.data:
            p = np.minimum(p, 0.04)
        return np.einsum("bhts,bshe->bthe", p, v), lse

    def run(self, level):
        out = np.zeros((self.b, self.t, self.h, self.e), np.float32)
        arrays, dynamic = [*self.inputs(), out], [*self.dynamic(), (0, 1)]
        want, lse = self.expected()
        wanted = {len(arrays) - 1: want}
        if self.lse:
            arrays.append(np.zeros((self.b, self.h, self.t), np.float32))
            dynamic.append((0, 2))
            wanted[len(arrays) - 1] = lse
        if self.mass:
            arrays.append(np.zeros((self.b, self.h, self.s), np.float32))
            dynamic.append((0, 2))
            wanted[len(arrays) - 1] = self.mass_expected
        config = self.config() + f", queries_per_task = {self.per_task}"
        kernel = Kernel(level, "attention", config, arrays, dynamic, 5,
                        self.element())
        blocks = -(-(-(-self.t // self.stride)) // self.per_task)
        tasks = self.b * self.h * (1 if self.mass else self.stride * blocks)
        check(f"{level} attention {self.name()}", kernel, arrays, self.scalars(),
              tasks, wanted, 1e-5)

    def run_decode(self, level, keys_per_task, key_heads=1):
        """In slices, then merged."""
        slices = -(-self.s // keys_per_task)
        partial = np.zeros((self.b, self.t, self.h, slices, self.e + 2), np.float32)
        arrays = [aligned(a) for a in [*self.inputs(), partial]]
        decode = Kernel(level, "attention_decode",
                        self.config() + f", keys_per_task = {keys_per_task}, "
                        f"key_heads_per_task = {key_heads}",
                        arrays, [*self.dynamic(), (0, 1, 3)], 5, self.element())
        tasks = self.b * self.g // key_heads * slices
        for task in reversed(range(tasks)):
            decode(arrays, self.scalars(), task, task + 1)
        again = [*arrays[:-1], aligned(partial)]
        decode(again, self.scalars(), 0, tasks)
        assert arrays[-1].tobytes() == again[-1].tobytes(), self.name()

        want, lse = self.expected()
        merged = [arrays[-1], np.zeros_like(want, dtype=np.float32)]
        dynamic, wanted = [(0, 1, 3), (0, 1)], {1: want}
        lse_text = ", lse" if lse is not None else ""
        if lse_text:
            merged.append(np.zeros((self.b, self.h, self.t), np.float32))
            dynamic.append((0, 2))
            wanted[2] = lse
        merge = Kernel(level, "attention_merge",
                       f"normaliser = #weft.{self.normaliser}, h = {self.h}, "
                       f"e = {self.e}" + lse_text, merged, dynamic, 3)
        check(f"{level} decode by {keys_per_task} {self.name()}", merge, merged,
              [self.b, self.t, slices], self.b * self.t * self.h, wanted, 1e-5)


def decode_cases():
    valid = r.random((2, 90)) < 0.7
    yield Case(b=2, t=1, s=90, h=4, g=2, d=16, e=16, valid=valid), 48
    segments = packed(5, 1, 70, 64)
    yield Case(b=2, t=2, s=140, h=2, d=16, e=16, mask="window", at=138,
               segments=(segments[:, -2:], segments)), 48
    yield Case(t=1, s=700, h=9, g=3, d=64, e=64), 256
    yield Case(t=1, s=300, h=9, g=3, d=64, e=64, mask="causal", at=299), 128
    yield Case(b=2, t=4, s=90, h=4, g=4, d=20, e=7, mask="causal", at=86), 32
    yield Case(t=1, s=1, h=2, g=2, d=8, e=8), 16
    yield Case(t=2, s=0, h=2, g=2, d=8, e=8), 16
    yield Case(t=1, s=500, h=10, g=1, d=96, e=80, mask="window", at=499), 100
    yield Case(t=3, s=200, h=2, d=16, e=16, mask="sinks", at=300, keys_at=101), 64
    yield Case(t=2, s=60, h=2, d=16, e=16, mask="causal", at=5, keys_at=30), 16
    yield Case(t=2, s=50, h=2, d=32, e=32, normaliser="sigmoid"), 32
    yield Case(t=2, s=50, h=2, d=32, e=32, normaliser="relu_mean", mask="window",
               at=48), 32
    valid = np.ones((2, 70), np.int64)
    valid[0, 50:], valid[1, ::3] = 0, 0
    yield Case(b=2, t=1, s=70, h=2, g=2, d=32, e=32, valid=valid), 48
    yield Case(t=1, s=145, h=4, d=16, e=16, at=144, score=ALIBI,
               extra=floats(4)), 64
    yield Case(t=3, s=145, h=1, d=16, e=16, at=142, keys_at=3, score=BIAS,
               extra=floats(300, 200), mask="causal"), 64


def packed(*lengths):
    """Where the sequence of each token begins, of two rows of tokens."""
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    row = np.repeat(starts, lengths)
    return np.stack([row, np.zeros_like(row)]).astype(np.int64)


def open_cases():
    """What the op is open in beyond a score, a mask and padding."""
    yield Case(t=130, s=130, h=2, g=1, d=32, e=32, mask="blocks")
    yield Case(t=200, s=200, h=1, d=16, e=16, mask="dilated")
    yield Case(t=200, s=197, h=2, d=33, e=80, mask="own", lse=True)
    yield Case(t=260, s=260, h=2, g=1, d=16, e=40, mask="bands", at=2, per_task=64)
    valid = r.random((2, 90)) < 0.7
    yield Case(b=2, t=90, s=90, h=2, g=2, d=16, e=16, mask="causal", valid=valid)
    segments = packed(5, 1, 70, 64)
    yield Case(b=2, t=140, s=140, h=2, d=16, e=16, mask="causal",
               segments=(segments, segments), lse=True)
    yield Case(b=2, t=140, s=140, h=2, d=16, e=16, mask="sinks",
               segments=(segments, segments), normaliser="relu_mean", per_task=64)
    for normaliser in ("softmax", "sigmoid"):
        yield Case(b=2, t=70, s=70, h=2, d=16, e=16, normaliser=normaliser,
                   score=DATA, extra=floats(2, 70), data=True, mass=True,
                   mask="causal", per_task=64)
        yield Case(t=140, s=45, h=2, d=16, e=16, normaliser=normaliser, mass=True,
                   lse=normaliser == "softmax")
    yield Case(b=2, t=140, s=140, h=1, d=16, e=16, mass=True, score=DATA, data=True,
               extra=floats(2, 140), segments=(segments, segments), mask="causal")


def extreme_cases():
    """Scores far apart or under a bound, and such that are no numbers."""
    yield Case(t=40, s=60, h=2, g=1, d=16, e=16, mask="causal", at=5, keys_at=30,
               score=SOFTCAP, gain=100.0, lse=True)  # The first see no key.
    yield Case(t=70, s=300, h=1, d=16, e=16, score=SOFTCAP, growth=-2.0, lse=True)
    yield Case(t=70, s=300, h=1, d=16, e=16, score=SOFTCAP, growth=0.5, mass=True)
    for growth in (1 / 64, 1 / 8, 2.0, -2.0):
        yield Case(t=70, s=300, h=2, d=16, e=16, growth=growth, lse=True)
    yield Case(t=150, s=150, h=1, d=16, e=16, growth=4.0, mask="causal", lse=True)
    yield Case(t=150, s=150, h=1, d=16, e=16, growth=4.0, mask="causal", mass=True)
    yield Case(t=20, s=150, h=1, d=16, e=16, growth=0.0, special=-np.inf, lse=True)
    for special in (np.nan, np.inf, -np.inf, 1e30, -1e30):
        yield Case(t=300, s=300, h=1, d=16, e=16, special=special, mask="causal")
    yield Case(t=20, s=1, h=1, d=16, e=16, special=-np.inf)


def cases():
    yield Case(t=64, s=128, h=2, g=2, d=64, e=64)
    yield Case(t=130, s=300, h=3, g=1, d=64, e=64, mask="causal", at=170, lse=True)
    yield Case(b=2, t=37, s=37, h=4, g=2, d=20, e=12, mask="causal", per_task=32)
    yield Case(t=1, s=1, h=1, d=8, e=8, lse=True)
    yield Case(t=1, s=77, h=4, g=2, d=64, e=64, mask="causal", at=76)
    yield Case(t=3, s=0, h=2, g=2, d=8, e=8, lse=True)
    yield Case(t=0, s=9, h=2, g=2, d=8, e=8)
    yield Case(t=260, s=260, h=1, d=16, e=24, mask="window", per_task=128)
    yield Case(t=70, s=150, h=1, d=16, e=16, mask="window", at=100, keys_at=20)
    yield Case(t=90, s=250, h=2, d=33, e=7, mask="sinks", at=160, gain=4.0)
    yield Case(t=40, s=60, h=1, d=16, e=16, mask="causal", at=5, keys_at=30,
               lse=True)  # The first queries see no key.
    yield Case(t=50, s=50, h=2, d=32, e=32, normaliser="sigmoid", mask="causal")
    yield Case(t=50, s=50, h=2, d=32, e=32, normaliser="relu_mean", mask="window")
    valid = np.ones((3, 140), np.int64)
    valid[0, 50:], valid[1, ::3], valid[2] = 0, 0, 0
    yield Case(b=3, t=140, s=140, h=2, g=2, d=32, e=32, valid=valid, lse=True)
    yield Case(b=3, t=140, s=140, h=2, g=2, d=32, e=32, valid=valid,
               mask="causal", normaliser="relu_mean")
    yield Case(t=45, s=45, h=4, d=16, e=16, mask="causal", score=ALIBI,
               extra=floats(4))
    yield Case(t=45, s=145, h=2, d=16, e=16, score=SOFTCAP, gain=20.0)
    yield Case(t=45, s=145, h=1, d=16, e=16, at=100, keys_at=10, score=BIAS,
               extra=floats(300, 200), mask="causal")


if __name__ == "__main__":
    for level in get_levels():
        r = np.random.default_rng(3)
        for case in [*cases(), *open_cases(), *extreme_cases()]:
            case.run(level)
        for case, keys_per_task in decode_cases():
            for key_heads in {1, case.g}:
                case.run_decode(level, keys_per_task, key_heads)
    print("done")
