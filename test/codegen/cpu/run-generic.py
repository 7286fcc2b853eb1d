"""Kernels of family generic against NumPy: pointwise, reductions, moved axes, maps
with floordiv, windows, indices, loads of other buffers, every element type."""
# RUN: %python %s | FileCheck %s
# CHECK: done

import numpy as np

from kernels import Kernel, check, get_levels

r = np.random.default_rng(1)


def floats(*shape):
    return r.standard_normal(shape).astype(np.float32)


class Case:
    """`iterators` is a letter a loop, p or r; `maps` are the maps' results."""

    def __init__(self, name, iterators, maps, inputs, outputs, body, wanted,
                 task_loop=0, extras=(), per_task=2, init=False, dynamic=None,
                 values=(), tolerance=2e-6):
        self.__dict__.update(locals())

    def run(self, level):
        loops = ", ".join(f"d{i}" for i in range(len(self.iterators)))
        maps = ", ".join(f"affine_map<({loops}) -> ({m})>" for m in self.maps)
        kinds = ", ".join("#linalg.iterator_type<%s>" %
                          ("parallel" if i == "p" else "reduction")
                          for i in self.iterators)
        config = (f"indexing_maps = [{maps}], iterator_types = [{kinds}], "
                  f"inputs = {len(self.inputs)}, outputs = {len(self.outputs)}, "
                  f"task_loop = {self.task_loop}, "
                  f"iterations_per_task = {self.per_task}"
                  + ", init" * self.init)
        arrays = [*self.inputs, *self.outputs, *self.extras]
        dynamic = self.dynamic or [tuple(range(a.ndim)) for a in arrays]
        kernel = Kernel(level, "generic", config, arrays, dynamic,
                        1 + len(self.values), self.body)
        iterations, per_task = 1, self.per_task
        if self.task_loop >= 0:
            for array, results in zip(arrays, self.maps):
                for axis, result in enumerate(results.split(", ")):
                    if result == f"d{self.task_loop}":
                        iterations = array.shape[axis]
        else:
            per_task = 1
        first = len(self.inputs)
        check(f"{level} {self.name}", kernel, arrays, [iterations, *self.values],
              -(-iterations // per_task),
              {first + i: w for i, w in enumerate(self.wanted)}, self.tolerance,
              in_place=range(first, first + len(self.wanted)) if self.init else ())


def cases():
    x, y = floats(5, 37), floats(5, 37)
    add = """^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.addf %a, %b : f32
      program.yield %0 : f32"""
    yield Case("add", "pp", ["d0, d1"] * 3, [x, y], [x * 0], add, [x + y])
    yield Case("add, lanes are tasks", "pp", ["d0, d1"] * 3, [x, y], [x * 0], add,
               [x + y], task_loop=1, per_task=10)
    yield Case("add, one task", "pp", ["d0, d1"] * 3, [x, y], [x * 0], add, [x + y],
               task_loop=-1)
    yield Case("add a column and a row", "pp", ["d0", "d1", "d0, d1"],
               [x[:, 0], y[0]], [x * 0], add, [x[:, :1] + y[:1]])
    yield Case("add a transposed", "pp", ["d0, d1", "d1, d0", "d0, d1"],
               [x, np.ascontiguousarray(y.T)], [x * 0], add, [x + y])
    copy = """^bb0(%a: f32, %o: f32):
      program.yield %a : f32"""
    z = floats(3, 4, 5, 18)
    yield Case("transpose", "pppp", ["d0, d2, d1, d3", "d0, d1, d2, d3"], [z],
               [z.transpose(0, 2, 1, 3) * 0], copy, [z.transpose(0, 2, 1, 3)],
               task_loop=1)
    yield Case("repeat by floordiv", "pp", ["d0, d1 floordiv 3", "d0, d1"],
               [x], [floats(5, 111)], copy, [np.repeat(x, 3, 1)],
               dynamic=[(0, 1), (0, 1)])
    yield Case("nothing", "pp", ["d0, d1"] * 2, [x[:0]], [x[:0]], copy, [x[:0]])

    total = """^bb0(%a: f32, %o: f32):
      %0 = arith.addf %a, %o : f32
      program.yield %0 : f32"""
    w = floats(6, 83)
    zeros = np.zeros(6, np.float32)
    yield Case("row sums", "pr", ["d0, d1", "d0"], [w], [zeros], total,
               [w.astype("d").sum(1)], init=True)
    yield Case("column sums", "rp", ["d0, d1", "d1"], [w], [floats(83)], total,
               None, task_loop=1, init=True)
    yield Case("sum of all", "rr", ["d0, d1", ""], [w],
               [np.zeros((), np.float32)], total, [w.astype("d").sum()],
               task_loop=-1, init=True)
    highest = """^bb0(%a: f32, %o: f32, %i: f32):
      %0 = math.exp %a : f32
      %1 = arith.maximumf %0, %o : f32
      %2 = arith.addf %i, %0 : f32
      program.yield %1, %2 : f32, f32"""
    e = np.exp(w.astype("d"))
    yield Case("row maxima and sums of exp", "pr", ["d0, d1", "d0", "d0"], [w],
               [zeros - np.inf, zeros], highest, [e.max(1), e.sum(1)], init=True,
               dynamic=[(0,), (0,), (0,)])
    product = """^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.mulf %a, %b : f32
      %1 = arith.addf %0, %o : f32
      program.yield %1 : f32"""
    m, n = floats(6, 29), floats(29, 45)
    yield Case("matrix product", "ppr", ["d0, d2", "d2, d1", "d0, d1"], [m, n],
               [np.zeros((6, 45), np.float32)], product, [m.astype("d") @ n],
               init=True)
    yield Case("matrix product, transposed", "ppr", ["d0, d2", "d1, d2", "d0, d1"],
               [m, np.ascontiguousarray(n.T)], [np.zeros((6, 45), np.float32)],
               product, [m.astype("d") @ n], init=True)
    line, taps = floats(40), floats(4)
    yield Case("window", "pr", ["d0 + d1", "d1", "d0"], [line, taps],
               [np.zeros(37, np.float32)], product,
               [np.convolve(line.astype("d"), taps[::-1], "valid")], init=True,
               dynamic=[(0,), (), (0,)])
    yield Case("window with stride", "pr", ["d0 * 2 + d1", "d1", "d0"],
               [line, taps], [np.zeros(19, np.float32)], product,
               [np.convolve(line.astype("d"), taps[::-1], "valid")[::2]],
               init=True)

    indices = """^bb0(%o: f32, %p: index):
      %i = program.index 0
      %j = program.index 1
      %0 = arith.subi %j, %i : index
      %1 = arith.addi %0, %p : index
      %2 = arith.index_cast %1 : index to i32
      %3 = arith.sitofp %2 : i32 to f32
      program.yield %3 : f32"""
    i, j = np.mgrid[:5, :37]
    yield Case("indices and a scalar", "pp", ["d0, d1"], [], [x * 0], indices,
               [j - i + 7.0], values=[7])
    table = floats(9, 37)
    ids = r.integers(0, 9, 5)
    pick = """^bb0(%id: i64, %o: f32, %t: memref<9x37xf32>):
      %i = arith.index_cast %id : i64 to index
      %j = program.index 1
      %0 = memref.load %t[%i, %j] : memref<9x37xf32>
      program.yield %0 : f32"""
    yield Case("loads by an id", "pp", ["d0", "d0, d1"], [ids], [x * 0], pick,
               [table[ids]], extras=[table], dynamic=[(0,), (0, 1), ()])
    pick = pick.replace("9x37", "?x?")
    yield Case("loads of a dynamic buffer", "pp", ["d0", "d0, d1"], [ids], [x * 0],
               pick, [table[ids]], extras=[table])
    columns = r.integers(0, 9, 37)
    gather = """^bb0(%id: i64, %o: f32, %t: memref<5x9xf32>):
      %j = arith.index_cast %id : i64 to index
      %i = program.index 0
      %0 = memref.load %t[%i, %j] : memref<5x9xf32>
      program.yield %0 : f32"""
    small = floats(5, 9)
    yield Case("gathers", "pp", ["d1", "d0, d1"], [columns], [x * 0], gather,
               [small[:, columns]], extras=[small], dynamic=[(0,), (0, 1), ()])
    branch = """^bb0(%a: f32, %o: f32):
      %zero = arith.constant 0.0 : f32
      %c = arith.cmpf ogt, %a, %zero : f32
      %0 = scf.if %c -> f32 {
        scf.yield %a : f32
      } else {
        scf.yield %zero : f32
      }
      program.yield %0 : f32"""
    yield Case("a branch", "pp", ["d0, d1"] * 2, [x], [x * 0], branch,
               [np.maximum(x, 0)])

    ints = r.integers(-50, 50, (4, 21))
    for kind in (np.int64, np.int32):
        name = "i64" if kind is np.int64 else "i32"
        body = f"""^bb0(%a: {name}, %b: {name}, %o: {name}, %c: i1):
          %0 = arith.muli %a, %b : {name}
          %1 = arith.cmpi slt, %a, %b : {name}
          program.yield %0, %1 : {name}, i1"""
        k = ints.astype(kind)
        yield Case(f"{name} to {name} and i1", "pp", ["d0, d1"] * 4, [k, k[::-1]],
                   [k * 0, k > 99], body, [k * k[::-1], k < k[::-1]])
        body = f"""^bb0(%a: {name}, %o: {name}):
          %0 = arith.maxsi %a, %o : {name}
          program.yield %0 : {name}"""
        yield Case(f"largest {name}", "pr", ["d0, d1", "d0"], [k],
                   [np.full(4, -99, kind)], body, [k.max(1)], init=True)
    flags = r.integers(0, 2, (4, 21)).astype(bool)
    body = """^bb0(%c: i1, %a: f32, %o: f32):
      %zero = arith.constant 0.0 : f32
      %0 = arith.select %c, %a, %zero : f32
      program.yield %0 : f32"""
    v = floats(4, 21)
    yield Case("select by i1", "pp", ["d0, d1"] * 3, [flags, v], [v * 0], body,
               [np.where(flags, v, 0)])
    body = """^bb0(%a: i64, %o: f32):
      %0 = arith.sitofp %a : i64 to f32
      program.yield %0 : f32"""
    yield Case("i64 to f32", "pp", ["d0, d1"] * 2, [ints], [v * 0], body,
               [ints.astype("f")])


for level in get_levels():
    for case in cases():
        if case.wanted is None:  # Column sums add to what is there.
            case.wanted = [case.outputs[0] + case.inputs[0].astype("d").sum(0)]
        case.run(level)
print("done")
