#!/usr/bin/env python3
"""Checks that layers depend downwards only, by the includes of every source.

runtime <- nothing; frontends/formats <- runtime's tokenizer spec; dialects <- MLIR;
passes <- dialects; frontends <- dialects; compiler <- all.
"""

import pathlib
import re
import subprocess
import sys

# folder -> what its sources may include of the project; the longest match counts.
ALLOWED = {
    "runtime": ["runtime", "weft"],
    "frontends/formats": ["frontends/formats", "runtime/tokenizer"],
    "dialects": ["dialects"],
    "passes": ["passes", "dialects"],
    "frontends": ["frontends", "dialects", "runtime/tokenizer"],
    "compiler": ["compiler", "frontends", "passes", "dialects", "runtime", "weft"],
}
NO_LLVM = ["runtime", "frontends/formats"]
TOP = ("runtime/", "frontends/", "dialects/", "passes/", "compiler/", "test/", "weft/")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.M)


def layer_of(path):
    return max((l for l in ALLOWED if path.startswith(l + "/")), key=len, default=None)


def main():
    files = subprocess.check_output(
        ["git", "ls-files", "*.h", "*.hpp", "*.c", "*.cpp", "*.td"], text=True).split()
    errors = []
    for file in files:
        layer = layer_of(file)
        if not layer:
            continue
        for included in INCLUDE.findall(pathlib.Path(file).read_text()):
            if included.startswith(TOP) and not any(
                    included.startswith(a + "/") for a in ALLOWED[layer]):
                errors.append(f"{file}: layer {layer} must not include {included}")
            if layer in NO_LLVM and included.startswith(("llvm/", "mlir/", "lld/")):
                errors.append(f"{file}: layer {layer} must not include {included} of LLVM")
    print("\n".join(errors), file=sys.stderr)
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
