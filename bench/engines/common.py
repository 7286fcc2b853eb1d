"""What every engine's worker shares: a loop of commands on stdin, timings on stdout.

A worker is started as `python ENGINE.py MODEL THREADS` and answers a line per line:
  load CASE      {"ok": true} or {"ok": false, "why": …}
  run            {"ms": …}, one run of the loaded case
Cases: s<N> prefill (or a forward) of N tokens, d<N> one token after N, i<N> N images.
"""

import json
import sys
import time

import numpy as np


def tokens(count, vocabulary):
    return np.random.default_rng(1).integers(0, vocabulary, (1, count))


def images(count, shape):
    return np.random.default_rng(1).standard_normal((count, *shape), dtype=np.float32)


def inputs(case, facts):
    """The input of a case: ids, or images where the model takes them."""
    if "image" in facts:
        if case[0] != "i":
            raise ValueError("the model takes images")
        return images(int(case[1:]), facts["image"])
    if case[0] != "s":
        raise ValueError("decode is not exported")
    return tokens(int(case[1:]), facts["vocabulary"])


def serve(load):
    """`load(case)` returns (prepare, run): `prepare` is not timed."""
    prepare = run = None
    for line in sys.stdin:
        words = line.split()
        try:
            if words[0] == "load":
                prepare, run = load(words[1])
                answer = {"ok": True}
            else:
                prepare()
                begin = time.perf_counter()
                run()
                answer = {"ms": 1e3 * (time.perf_counter() - begin)}
        except Exception as error:  # An engine that fails is a row of the table.
            answer = {"ok": False, "why": f"{type(error).__name__}: {error}"[:200]}
        print("=" + json.dumps(answer), flush=True)


def nothing():
    pass
