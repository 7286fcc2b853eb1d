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
    """The inputs of a case: ids, or images where the model takes them; for one token after N
    its id and the keys and values of N, layers x 2 x 1 x heads x N x channels."""
    count = int(case[1:])
    if "image" in facts:
        if case[0] != "i":
            raise ValueError("the model takes images")
        return [images(count, facts["image"])]
    if case[0] == "s":
        return [tokens(count, facts["vocabulary"])]
    if case[0] != "d" or "cache" not in facts:
        raise ValueError("the model keeps no keys and values")
    layers, heads, channels = facts["cache"]
    shape = (layers, 2, 1, heads, count, channels)
    return [tokens(1, facts["vocabulary"]), np.random.default_rng(2).standard_normal(shape, dtype=np.float32)]


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
