#!/usr/bin/env python3
"""Broken models never crash the import: it succeeds or says what is wrong."""
# RUN: %python %s %S/models %t 10 | FileCheck %s
# CHECK: 90 broken models, {{[1-9][0-9]}} refused

import pathlib
import random
import re
import shutil
import subprocess
import sys

NUMBERS = ["0", "-1", "1", "2", "3", "7", "31", "65535", "1073741824", "2147483647",
           "4294967296", "4611686018427387904", "9223372036854775807", "1e30", "0.5",
           "null", "true", "\"x\"", "[]", "{}"]


def mutate_config(text, rng):
    """Another value for one or two of the keys."""
    for _ in range(rng.choice([1, 1, 2])):
        values = list(re.finditer(r'": ([^\s,{}\[\]]+)', text))
        value = rng.choice(values)
        text = text[:value.start(1)] + rng.choice(NUMBERS) + text[value.end(1):]
    return text


def mutate_bytes(data, rng):
    """Other bytes in the first part, where the numbers of the format stand."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 2, 4])):
        data[rng.randrange(min(len(data), 4000))] = rng.choice([0, 1, 2, 127, 255,
                                                                rng.randrange(256)])
    return bytes(data)


def main():
    models, scratch, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    scratch = pathlib.Path(scratch)
    total = refused = 0
    for name in ("llama", "yarn_rope", "qwen2", "gpt2", "bert", "roberta", "mamba",
                 "llama.gguf", "qwen2.gguf"):
        for seed in range(count):
            rng = random.Random(f"{name} {seed}")
            shutil.rmtree(scratch, ignore_errors=True)
            if name.endswith(".gguf"):
                scratch.mkdir()
                path = scratch / name
                path.write_bytes(mutate_bytes((models / name).read_bytes(), rng))
            else:
                shutil.copytree(models / name, scratch)
                path = scratch
                config = path / "config.json"
                config.write_text(mutate_config(config.read_text(), rng))
            done = subprocess.run(["weft-import", path], capture_output=True,
                                  text=True, errors="replace", timeout=60)
            total += 1
            refused += done.returncode == 1
            says = done.returncode == 0 or done.stderr.startswith("error: ")
            if done.returncode not in (0, 1) or not says:
                sys.exit(f"{name} seed {seed}: exit {done.returncode}\n{done.stderr}")
    print(f"{total} broken models, {refused} refused")


main()
