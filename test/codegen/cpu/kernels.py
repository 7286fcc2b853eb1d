"""Builds kernels from their `program.kernel` rows and calls them on NumPy arrays.

A test describes a kernel by its text, gives arrays and what it expects, and is run
on every level that the machine has.
"""

import ctypes
import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np

LEVELS = {  # name: (arguments of opt and llc, what the CPU must have)
    "x86-64-v3": (["-mcpu=x86-64-v3"], "avx2"),
    "x86-64-v4": (["-mcpu=x86-64-v4", "-mattr=-prefer-256-bit"], "avx512f"),
}
UNIT_LEVEL = "x86-64-v4-amx"
UNIT_MACHINE = ["-mcpu=x86-64-v4", "-mattr=-prefer-256-bit,+avx512vnni,+avx512bf16,"
                "+amx-tile,+amx-int8,+amx-bf16"]
_numbers = itertools.count()


def get_levels():
    with open("/proc/cpuinfo") as file:
        flags = file.read().split()
    return [name for name, (_, flag) in LEVELS.items() if flag in flags]


def has_matrix_unit():
    """Whether the machine has AMX for bf16, which the process then asks for."""
    with open("/proc/cpuinfo") as file:
        if "amx_bf16" not in file.read().split():
            return False
    arch_prctl, request_permission, tile_data = 158, 0x1023, 18
    return ctypes.CDLL(None).syscall(arch_prctl, request_permission, tile_data) == 0


def _run(command, data):
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stderr.decode()}")
    return done.stdout


def build(text, level):
    """Returns the loaded shared object of the kernels in `text`."""
    machine = UNIT_MACHINE if level == UNIT_LEVEL else LEVELS[level][0]
    mlir = _run(["weft-opt", "-", f"-weft-emit-kernels=level={level}",
                 "-weft-lower-kernels"], text.encode())
    llvm = _run(["mlir-translate", "-mlir-to-llvmir"], mlir)
    llvm = _run(["opt", "-O3", *machine], llvm)
    code = _run(["llc", "-O3", "-filetype=obj", "-relocation-model=pic",
                 *machine], llvm)
    if "WEFT_KEEP" in os.environ:
        name = os.path.join(os.environ["WEFT_KEEP"], f"{next(_numbers)}.{level}.ll")
        with open(name, "wb") as file:
            file.write(llvm)
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/k.o", "wb") as file:
            file.write(code)
        _run(["ld.lld", "-shared", "-o", f"{folder}/k.so", f"{folder}/k.o"], b"")
        return ctypes.CDLL(f"{folder}/k.so")


GUARD = 4096


def aligned(array):
    """A copy of `array` that starts at a page, between guards."""
    array = np.asarray(array)
    raw = np.full(array.nbytes + 3 * GUARD, 0xA5, np.uint8)
    start = GUARD + -raw.ctypes.data % GUARD
    copy = raw[start:start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def is_intact(array):
    """Whether nothing was written around what `aligned` gave."""
    raw = array
    while raw.base is not None:
        raw = raw.base
    start = array.ctypes.data - raw.ctypes.data
    return ((raw[:start] == 0xA5).all() and
            (raw[start + array.nbytes:] == 0xA5).all())


def type_of(array, dynamic=()):
    """The memref type of an array, with some axes dynamic. u16 stands for the bits
    of bf16."""
    names = {"float32": "f32", "float64": "f64", "int64": "i64",
             "int32": "i32", "bool": "i1", "int8": "i8", "float16": "f16",
             "uint16": "bf16"}
    sizes = ["?" if i in dynamic else str(n) for i, n in enumerate(array.shape)]
    return "memref<" + "x".join([*sizes, names[str(array.dtype)]]) + ">"


class Kernel:
    """One kernel on one level.

    `dynamic` gives the dynamic axes of each operand, all without strides of their
    own; `scalars` is the number of explicit scalars.
    """

    def __init__(self, level, family, config, arrays, dynamic, scalars,
                 element=""):
        self.dynamic = dynamic
        types = ", ".join(type_of(a, d) for a, d in zip(arrays, dynamic))
        tasks = ", ".join(f"s{i}" for i in range(scalars))
        text = (f'program.kernel @kernel family "{family}" config {{{config}}} '
                f"tasks affine_map<({tasks}) -> (0)> operands [{types}] "
                f"scalars {scalars}")
        if element:
            text += f" element {{ {element} }}"
        self.library = build(text, level)
        self.scratch = aligned(np.zeros(1 << 22, np.uint8))

    def arguments(self, arrays, scalars):
        """The buffers and scalars of a launch, for C."""
        values = list(scalars)
        for array, axes in zip(arrays, self.dynamic):
            values += [array.shape[i] for i in axes]
        pointers = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
        return pointers, (ctypes.c_int64 * max(1, len(values)))(*values)

    def __call__(self, arrays, scalars, begin, end):
        pointers, slots = self.arguments(arrays, scalars)
        self.library.kernel(pointers, slots, ctypes.c_int64(begin),
                            ctypes.c_int64(end),
                            ctypes.c_void_p(self.scratch.ctypes.data))


def check(name, kernel, arrays, scalars, tasks, wanted, tolerance=2e-6,
          in_place=()):
    """Runs all tasks at once, then one by one and last first, which must give the
    same bits, and compares with `wanted`: arrays by the operand's number. The
    error is relative to the root mean square. `in_place` are outputs that are read
    first. Nothing else may be written. Returns the arrays after it."""
    results = []
    for order in ([(0, tasks)], [(t, t + 1) for t in reversed(range(tasks))]):
        fresh = [aligned(a) for a in arrays]
        for i in wanted:
            if i not in in_place:
                fresh[i][...] = 7
        for begin, end in order:
            kernel(fresh, scalars, begin, end)
        for i, (array, before) in enumerate(zip(fresh, arrays)):
            assert is_intact(array), f"{name}: writes beyond operand {i}"
            assert i in wanted or array.tobytes() == before.tobytes(), (
                f"{name}: writes to operand {i}, an input")
        results.append(fresh)
    worst = 0.0
    for i, want in wanted.items():
        got, again = results[0][i], results[1][i]
        same = got.tobytes() == again.tobytes()
        assert same, f"{name}: bits of operand {i} depend on the cut into tasks"
        assert got.shape == want.shape, (name, got.shape, want.shape)
        if not got.size:
            continue
        if got.dtype.kind != "f":
            assert np.array_equal(got, want), f"{name}: operand {i} differs"
            continue
        finite = np.isfinite(want)
        assert np.array_equal(got[~finite], want[~finite], equal_nan=True), (
            f"{name}: operand {i} differs where it is not finite")
        if not finite.any():
            continue
        scale = max(np.sqrt((want[finite].astype("d") ** 2).mean()), 1e-30)
        worst = max(worst, np.abs(got[finite] - want[finite]).max() / scale)
    assert worst < tolerance, f"{name}: error {worst:.2e}"
    print(f"{name}: ok, error {worst:.1e}", flush=True)
    return results[0]
