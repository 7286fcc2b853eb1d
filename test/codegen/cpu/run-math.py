"""Elementary functions over the whole range of f32, in units of the last place.

Every 3989th bit pattern, in lanes and one by one; the bounds are those that
compiler/codegen/cpu/math/Elementary.h states.
"""
# RUN: %python %s | FileCheck %s
# CHECK: done

import math

import numpy as np

from kernels import Kernel, aligned, get_levels

PATTERNS = np.arange(0, 1 << 32, 3989, dtype=np.uint64).astype(np.uint32)
EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 88.72283, 88.72284,
                  -87.33654, -87.33655, 127.99999, 128, -126, -126.00001, 1e-45],
                 np.float32)
X = np.concatenate([PATTERNS.view(np.float32), EDGES])
SMALLEST = float(np.finfo(np.float32).tiny)


def each(function, step):
    """`function` of the standard library, on every `step`th number."""
    def vector(x):
        y = np.full(x.shape, np.nan)
        for i in range(0, len(x), step):
            y[i] = function(x[i])
        return y
    return vector


def round_away(x):
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


# op: (largest error in ulp, exact function, numbers it is checked on)
FUNCTIONS = {
    "exp": (0.9, np.exp, None),
    "exp fastmath<ninf>": (20, np.exp, lambda x: ~(x > 88)),
    "exp fastmath<ninf,afn>": (20, np.exp, lambda x: ~(x > 88)),
    "exp2": (0.9, np.exp2, None),
    "expm1": (1.5, np.expm1, None),
    "log": (0.9, np.log, None),
    "log2": (1.6, np.log2, None),
    "log10": (2.0, np.log10, None),
    "log1p": (1.5, np.log1p, None),
    "softplus": (1.8, lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), None),
    "tanh": (2.5, np.tanh, None),
    "tanh fastmath<afn>": (6, np.tanh, None),
    "erf": (1.0, each(math.erf, 11), np.isfinite),
    "sin": (0.51, np.sin, lambda x: np.abs(x) < 2.0 ** 30),
    "cos": (0.51, np.cos, lambda x: np.abs(x) < 2.0 ** 30),
    "tan": (0.51, np.tan, lambda x: np.abs(x) < 2.0 ** 30),
    "sinh": (2.5, np.sinh, None),
    "cosh": (0.51, np.cosh, None),
    "rsqrt": (1.5, lambda x: 1 / np.sqrt(x), None),
    "round": (0, round_away, None),
}

# Of what is not one op.
BODIES = {"softplus": "%e = math.exp %a : f32\n%y = math.log1p %e : f32"}


def run(level, name, body, inputs):
    """Calls an element-wise kernel with `body`, whose result is %y."""
    arrays = [*inputs, np.zeros(len(X), np.float32)]
    maps = ", ".join(["affine_map<(d0) -> (d0)>"] * len(arrays))
    config = (f"indexing_maps = [{maps}], iterator_types = "
              f"[#linalg.iterator_type<parallel>], inputs = {len(inputs)}, "
              "outputs = 1, task_loop = 0, iterations_per_task = 4099")
    arguments = ", ".join(f"%{i}: f32" for i in "ab"[:len(inputs)])
    element = (f"^bb0({arguments}, %o: f32):\n {body}\n"
               "program.yield %y : f32")
    kernel = Kernel(level, "generic", config, arrays, [(0,)] * len(arrays), 1,
                    element)
    arrays = [aligned(a) for a in arrays]
    kernel(arrays, [len(X)], 0, -(-len(X) // 4099))
    return arrays[-1]


def compare(name, got, want, bound, where):
    """Normal results by ulp; what is too small may be zero; the rest exactly."""
    with np.errstate(all="ignore"):
        narrow = want.astype(np.float32)
    finite = np.isfinite(narrow) & where
    normal = finite & (np.abs(want) >= SMALLEST)
    ulp = np.abs(got - want)[normal] / np.spacing(np.abs(narrow[normal]))
    worst = ulp.max() if ulp.size else 0.0
    at = X[normal][ulp.argmax()] if ulp.size else 0.0
    assert worst <= bound, f"{name}: {worst:.3f} ulp at {at!r}"
    tiny = finite & ~normal
    assert (np.abs(got[tiny] - want[tiny]) <= SMALLEST).all(), name
    rest = where & ~finite
    differs = rest & ~((got == narrow) | (np.isnan(got) & np.isnan(narrow)))
    assert not differs.any(), (name, X[differs][:5], got[differs][:5])
    print(f"{name}: ok, {worst:.3f} ulp at {at!r}", flush=True)


def check_powers(level):
    y = np.random.default_rng(2).choice(
        np.array([0, 1, -1, 2, 3, 0.5, -2.5, 0.1, 7, 33.3, -41], np.float32), len(X))
    got = run(level, "pow", "%y = math.powf %a, %b : f32", [X, y])
    with np.errstate(all="ignore"):
        want = np.power(X.astype("d"), y.astype("d"))
    compare(f"{level} powf", got, want, 0.51, ~np.isinf(X) | (y == 0))


with np.errstate(all="ignore"):
    for level in get_levels():
        for name, (bound, function, inside) in FUNCTIONS.items():
            op, _, flags = name.partition(" ")
            got = run(level, name, BODIES.get(name) or
                      f"%y = math.{op} %a {flags} : f32", [X])
            want = function(X.astype("d"))
            where = inside(X) if inside else np.ones(len(X), bool)
            if name == "erf":
                where &= ~np.isnan(want)
            compare(f"{level} {name}", got, want, bound, where)
        check_powers(level)
print("done")
