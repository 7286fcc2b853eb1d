"""IREE on the exported model, compiled for this processor once, into the cache."""

import pathlib
import subprocess
import sys

import iree.runtime as runtime

from common import inputs, nothing, serve
from export import onnx

BIN = pathlib.Path(sys.executable).parent


def compiled(file):
    module = file.with_suffix(".vmfb")
    if not module.exists():
        imported = file.with_suffix(".mlir")
        subprocess.run([BIN / "iree-import-onnx", file, "-o", imported], check=True, capture_output=True)
        # Dispatches of norms need more than the default stack at O3.
        subprocess.run([BIN / "iree-compile", imported, "-o", module, "--iree-input-type=onnx", "--iree-opt-level=O3",
                        "--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
                        "--iree-llvmcpu-target-cpu=host", "--iree-llvmcpu-stack-allocation-limit=262144"],
                       check=True, capture_output=True)
        imported.unlink()
    return module


def load(case):
    file, facts = onnx(sys.argv[1], case)
    threads = int(sys.argv[2])
    runtime.flags.parse_flags(f"--task_topology_max_group_count={threads}")
    config = runtime.Config("local-task" if threads > 1 else "local-sync")
    module = runtime.VmModule.mmap(config.vm_instance, str(compiled(file)))
    loaded = runtime.load_vm_modules(module, config=config)[-1]
    name = next(n for n in module.function_names if not n.startswith("__") and not n.endswith("$async"))
    data = [runtime.asdevicearray(config.device, array) for array in inputs(case, facts)]

    def run():
        results = loaded[name](*data)
        for result in results if isinstance(results, (tuple, list)) else [results]:
            result.to_host()
    return nothing, run


serve(load)
