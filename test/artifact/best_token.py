#!/usr/bin/env python3
"""Prints the best token after ids 3 to 7, as linked.c does, by `weft run`."""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np

with tempfile.TemporaryDirectory() as folder:
    ids = pathlib.Path(folder) / "ids.npy"
    np.save(ids, np.arange(3, 8, dtype=np.int64)[None])
    subprocess.run(["weft", "run", sys.argv[1], "--function", "prefill", "-i", f"input_ids={ids}",
                    "-O", folder], check=True)
    logits = np.load(pathlib.Path(folder) / "logits.npy")[0]
print(f"best {logits.argmax()} of {len(logits)}: {logits.max():.5f}")
