"""What attention is open in against NumPy: every normaliser under every mask, and
weights changed after it, numbers of rows and columns, segments, column masses."""
# RUN: %python %s | FileCheck %s
# CHECK-COUNT-55: ok
# CHECK: merge: ok
# CHECK: merge lse: ok
# CHECK: top_k values: ok
# CHECK: top_k places: ok
# CHECK: done

import numpy as np

from weft_run import Main, check, run, type_of

N, HEADS, KEY_HEADS, D, DV = 9, 4, 2, 8, 5
I, J = np.arange(N)[:, None], np.arange(N)[None, :]


def over_sum(w):
    total = w.sum(-1, keepdims=True)
    return np.divide(w, total, out=np.zeros_like(w), where=total != 0)


def softmax(s, m):
    return over_sum(np.exp(s) * m)


def standard(s, m):
    count = np.maximum(m.sum(-1, keepdims=True), 1)
    mean = (s * m).sum(-1, keepdims=True) / count
    variance = ((s - mean) ** 2 * m).sum(-1, keepdims=True) / count
    return (s - mean) / np.sqrt(variance + 1e-2) * m


def by_row(function):
    """A function of the allowed scores of one row, for all of them."""
    def weights(s, m):
        m, out = np.broadcast_to(m, s.shape), np.zeros(s.shape)
        for at in np.ndindex(s.shape[:-1]):
            allowed = m[at] > 0
            if allowed.any():
                out[at][allowed] = function(s[at][allowed])
        return out
    return weights


def top_3(s):
    w = np.exp(s) * (s >= np.sort(s)[-min(3, len(s))])
    return w / w.sum()


def sparsemax(s):
    """Martins and Astudillo 2016, algorithm 1."""
    z = np.sort(s)[::-1]
    k = np.arange(1, len(s) + 1)
    support = k[1 + k * z > np.cumsum(z)][-1]
    return np.maximum(s - (z[:support].sum() - 1) / support, 0)


def entmax15(s):
    """Peters et al. 2019, algorithm 2."""
    z = np.sort(s / 2)[::-1]
    k = np.arange(1, len(s) + 1)
    mean, square = np.cumsum(z) / k, np.cumsum(z ** 2) / k
    tau = mean - np.sqrt(np.maximum((1 - k * (square - mean ** 2)) / k, 0))
    return np.maximum(s / 2 - tau[tau <= z][-1], 0) ** 2


def keys(m):
    return np.maximum(m.sum(-1, keepdims=True), 1)


NORMALISERS = {
    "none": lambda s, m: s * m,
    "mean": lambda s, m: s * m / keys(m),
    "relu<1, 0.0>": lambda s, m: np.maximum(s, 0) * m,
    "relu<1, 0.5>": lambda s, m: np.maximum(s, 0) * m / np.sqrt(keys(m)),
    "relu<2, 1.0>": lambda s, m: np.maximum(s, 0) ** 2 * m / keys(m),
    "power<4, 1.0e-2>": lambda s, m: s ** 4 * m / (1e-2 + (s ** 4 * m).sum(-1, keepdims=True)),
    "taylor": lambda s, m: over_sum((1 + s + s ** 2 / 2) * m),
    "standard<1.0e-2>": standard,
    "argmax": by_row(lambda s: (s == s.max()) * 1.0),
    "top_k<3>": by_row(top_3),
    "entmax<2.0>": by_row(sparsemax),
    "entmax<1.5>": by_row(entmax15),
    "softmax_fixed<1.0>": softmax,
}
MASKS = {
    "": np.ones((N, N)),
    "mask(#weft.and<#weft.causal, #weft.or<#weft.every<3>, #weft.global<1>>>)":
        ((J <= I) & (((I - J) % 3 == 0) | (J < 1) | (I < 1))) * 1.0,
    "mask(#weft.chunk<4, 1>)": ((I + 1) // 4 == (J + 1) // 4) * 1.0,
    # Queries from 8 on are in no list.
    "mask(#weft.block_list<4, [[1], [0, 1]]>)": ((I < 8) & (J < 8) & ((I // 4 == 1) | (J // 4 == 1))) * 1.0,
}
EXTRA = {  # regions and operands: types of the operands, numbers of a pair
    "post": ("", "", """post(%w, %b, %h, %i, %j) {
      %d = arith.subi %i, %j : index
      %0 = arith.index_cast %d : index to i32
      %1 = arith.sitofp %0 : i32 to f32
      %2 = arith.mulf %w, %1 : f32
      weft.yield %2 : f32 }"""),
    "rows and columns": ("rows %r columns %c", "rows $r columns $c", """score(%s, %b, %h, %i, %j, %r0, %c0) {
      %0 = arith.mulf %s, %r0 : f32
      %1 = arith.addf %0, %c0 : f32
      weft.yield %1 : f32 } allowed(%b, %h, %i, %j, %d, %r0, %c0) {
      %0 = arith.cmpf olt, %c0, %r0 : f32
      weft.yield %0 : i1 }"""),
    "segments": ("segments %g, %g", "segments $g, $g", """score(%s, %b, %h, %i, %j) {
      %0 = arith.index_cast %i : index to i32
      %1 = arith.sitofp %0 : i32 to f32
      %2 = arith.mulf %s, %1 : f32
      weft.yield %2 : f32 }"""),
}


class Cases:
    def __init__(self):
        self.module, self.body, self.wanted = "", Main(), []

    def add(self, name, text, inputs, wanted):
        """`text` computes %out0, … from the inputs, whose types are $name."""
        values = {n: self.body.constant(x, {1}) for n, x in inputs.items()}
        outs = [type_of(w, dynamic) for w, dynamic in wanted.values()]
        for n, (_, t) in values.items():
            text = text.replace(f"${n} ", t + " ").replace(f"${n},", t + ",")
        for i, t in enumerate(outs):
            text = text.replace(f"$out{i}", t)
        function = f"f{len(self.wanted)}"
        args = ", ".join(f"%{n}: {t}" for n, (_, t) in values.items())
        names = ", ".join(f"%out{i}" for i in range(len(outs)))
        self.module += (f"\nfunc.func @{function}({args}) -> ({', '.join(outs)}) {{\n"
                        f"{text}\n  return {names} : {', '.join(outs)}\n}}")
        for value, (what, (want, _)) in zip(self.body.call(function, list(values.values()), outs), wanted.items()):
            self.body.print(value)
            self.wanted.append((f"{name}{what}", want))


def main():
    rng = np.random.default_rng(0)
    cases = Cases()
    q = rng.standard_normal((2, N, HEADS, D))
    k = rng.standard_normal((2, N, KEY_HEADS, D))
    v = rng.standard_normal((2, N, KEY_HEADS, DV))
    kr, vr = (np.repeat(x, HEADS // KEY_HEADS, axis=2) for x in (k, v))
    s = np.einsum("bihd,bjhd->bhij", q, kr) / np.sqrt(D)
    weigh = lambda w: np.einsum("bhij,bjhd->bihd", w, vr)
    for normaliser, weights in NORMALISERS.items():
        for mask, allowed in MASKS.items():
            cases.add(f"{normaliser} {mask}", f"""
  %out0 = weft.attention %q, %k, %v normaliser(#weft.{normaliser}) {mask}
    : $q, $k, $v -> $out0""", {"q": q, "k": k, "v": v}, {"": (weigh(weights(s, allowed)), {1})})

    causal = (J <= I) * 1.0
    rows, columns = rng.standard_normal((2, N, HEADS)), rng.standard_normal((2, N, 1)) - 1
    r, c = rows.transpose(0, 2, 1)[..., None], columns.transpose(0, 2, 1)[:, :, None]
    starts = np.array([[0, 0, 0, 3, 4, 4, 4, 4, 8], [0, 1, 1, 1, 1, 1, 1, 7, 7]])
    same = (starts[:, :, None] == starts[:, None])[:, None]
    wanted = {
        "post": softmax(s, causal) * (I - J),
        "rows and columns": softmax(s * r + c, causal * (c < r)),
        "segments": softmax(s * (np.arange(N) - starts)[:, None, :, None], causal * same),
    }
    for name, (operands, types, regions) in EXTRA.items():
        inputs = {"q": q, "k": k, "v": v, "r": rows, "c": columns, "g": starts}
        cases.add(name, f"""
  %out0, %mass = weft.attention %q, %k, %v {operands} normaliser(#weft.softmax) mask(#weft.causal) {regions}
    : $q, $k, $v {types} -> $out0 mass tensor<2x{HEADS}x?xf32>""", inputs, {"": (weigh(wanted[name]), {1})})

    mass = softmax(s, causal).sum(2)
    lse = np.log((np.exp(s) * causal).sum(-1))
    cases.module += f"""
func.func @mass(%q: tensor<2x?x4x8xf32>, %k: tensor<2x?x2x8xf32>, %v: tensor<2x?x2x5xf32>) -> (tensor<2x4x?xf32>, tensor<2x4x?xf32>) {{
  %o, %l, %m = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.causal)
    : tensor<2x?x4x8xf32>, tensor<2x?x2x8xf32>, tensor<2x?x2x5xf32> -> tensor<2x?x4x5xf32>, tensor<2x4x?xf32> mass tensor<2x4x?xf32>
  return %l, %m : tensor<2x4x?xf32>, tensor<2x4x?xf32>
}}"""
    inputs = [cases.body.constant(x, {1}) for x in (q, k, v)]
    # The lse is checked by merge below.
    results = cases.body.call("mass", inputs, ["tensor<2x4x?xf32>"] * 2)
    cases.body.print(results[1])
    cases.wanted.append(("column mass", mass))

    # Parts: near keys, far keys, and none at all for early queries.
    cases.add("merge", """
  %a, %al = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.and<#weft.causal, #weft.window<3>>)
    : $q, $k, $v -> $out0, $out1
  %b, %bl = weft.attention %q, %k, %v normaliser(#weft.softmax) mask(#weft.where<affine_map<(i, j, d) -> (d - 3)>>)
    : $q, $k, $v -> $out0, $out1
  %out0, %out1 = weft.merge %a, %b by %al, %bl : $out0, $out0 by $out1, $out1 -> $out0, $out1""",
              {"q": q, "k": k, "v": v},
              {"": (weigh(softmax(s, causal)), {1}), " lse": (lse, {2})})

    x = np.round(rng.standard_normal((2, N, 12)), 1)  # with equal numbers
    places = np.argsort(-x, -1, kind="stable")[..., :4]
    best = np.take_along_axis(x, places, -1)
    cases.module += """
func.func @top_k(%x: tensor<2x?x12xf32>) -> (tensor<2x?x4xf32>, tensor<2x?x4xf32>) {
  %v, %p = weft.top_k %x : tensor<2x?x12xf32> -> tensor<2x?x4xf32>, tensor<2x?x4xi64>
  %f = arith.sitofp %p : tensor<2x?x4xi64> to tensor<2x?x4xf32>
  return %v, %f : tensor<2x?x4xf32>, tensor<2x?x4xf32>
}"""
    for value, what, want in zip(cases.body.call("top_k", [cases.body.constant(x, {1})], ["tensor<2x?x4xf32>"] * 2),
                                 ("values", "places"), (best, places)):
        cases.body.print(value)
        cases.wanted.append((f"top_k {what}", want))

    for got, (name, want) in zip(run(cases.module, cases.body), cases.wanted, strict=True):
        check(name, got, want, 1e-4)  # prints have six digits, and powers of scores long tails
    print("done")


main()
