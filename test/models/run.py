#!/usr/bin/env python3
"""Compiles real models and compares what they say with transformers (golden/).

usage: run.py --tool WEFT --weights DIR [--text LEE_BACKGROUND] [--threads N] [--mcpu LEVEL]
DIR/smollm2/**/*.gguf and DIR/minilm/**/model.safetensors; what is absent is skipped, and
said so. --text is gensim's lee_background.cor, for the perplexity.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

GOLDEN = pathlib.Path(__file__).parent / "golden"
CLOSE = 1e-3          # two best logits closer than this may swap
LOGITS = 1e-4         # relative error of logits
COSINE = 0.99999
PERPLEXITY = (30.88490, 0.003)
PERPLEXITY_INT8 = (30.957, 0.003)  # transformers, rows of products rounded in groups of 32


class Check:
    def __init__(self, args):
        self.args, self.passed, self.failed = args, 0, 0
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="weft-models-"))

    def expect(self, name, ok, detail):
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        print(f"{'ok  ' if ok else 'FAIL'} {name}: {detail}", flush=True)

    def weft(self, *words, **kw):
        done = subprocess.run([self.args.tool, *map(str, words)], capture_output=True, text=True, **kw)
        if done.returncode:
            raise SystemExit(f"weft {' '.join(map(str, words))}\n{done.stderr}")
        return done.stdout

    def compile(self, source, name, *options):
        out = self.dir / f"{name}.weft"
        self.weft("compile", source, "-o", out, "--mcpu", self.args.mcpu, *options)
        return out


def relative(got, want):
    return float(np.abs(got - want).max() / np.abs(want).max())


def smollm2(check, gguf):
    golden = json.load(open(GOLDEN / "smollm2.json"))
    artifact = check.compile(gguf, "smollm2")
    threads = ("--threads", check.args.threads)
    for case in golden["cases"]:
        got = json.loads(check.weft("generate", artifact, "--prompt", case["prompt"], "-n", 32,
                                    "--temperature", 0, "--json", *threads))["ids"]
        want = case["ids"]
        end = next((i for i, id in enumerate(want) if id == 2), len(want))  # generate stops there
        differ = next((i for i in range(min(end, len(got))) if got[i] != want[i]), None)
        ok = (differ is None and len(got) >= end) if differ is None else case["margins"][differ] < CLOSE
        check.expect(f"smollm2 text {case['prompt']!r}", ok,
                     "equal" if differ is None else f"differs at {differ}, margin {case['margins'][differ]}")
    case = golden["cases"][1]
    ids = json.loads(check.weft("tokenize", artifact, "--text", case["prompt"], "--json"))["ids"]
    check.expect("smollm2 tokens", ids == case["prompt_ids"], f"{len(ids)} ids")
    np.save(check.dir / "ids.npy", np.array([case["prompt_ids"]], np.int64))
    check.weft("run", artifact, "--function", "prefill", "-i", f"input_ids={check.dir / 'ids.npy'}",
               "-O", check.dir, *threads)
    error = relative(np.load(check.dir / "logits.npy")[0], np.load(GOLDEN / "smollm2_logits.npy"))
    check.expect("smollm2 logits", error <= LOGITS, f"relative error {error:.1e}")
    if not check.args.text:
        return
    groups = check.compile(gguf, "smollm2-groups", "--precision", "int8-groups")
    for name, file, (want, tolerance) in (("", artifact, PERPLEXITY), (" int8-groups", groups, PERPLEXITY_INT8)):
        got = json.loads(check.weft("perplexity", file, "--file", check.args.text, "--window", 512,
                                    "--max-windows", 4, "--json", *threads))["perplexity"]
        check.expect(f"smollm2 perplexity{name}", abs(got / want - 1) <= tolerance,
                     f"{got:.4f}, reference {want}")


def minilm(check, folder):
    golden = json.load(open(GOLDEN / "minilm.json"))
    want = np.load(GOLDEN / "minilm_embeddings.npy")
    artifact = check.compile(folder, "minilm")
    texts = [word for s in golden["sentences"] for word in ("--text", s)]
    out = check.weft("embed", artifact, *texts, "--pooling", "mean", "--normalize",
                     "--threads", check.args.threads)
    got = np.array(json.loads(out))
    cosine = (got * want).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(want, axis=1)
    check.expect("minilm embeddings", cosine.min() >= COSINE, f"least cosine {cosine.min():.7f} of {len(cosine)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--weights", type=pathlib.Path, required=True)
    parser.add_argument("--text")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--mcpu", default="native")
    check = Check(parser.parse_args())
    weights = check.args.weights
    found = {smollm2: next(weights.glob("smollm2/**/*.gguf"), None),
             minilm: next((p.parent for p in weights.glob("minilm/**/model.safetensors")), None)}
    for test, source in found.items():
        if source:
            test(check, source)
        else:
            print(f"skip {test.__name__}: no weights under {weights}")
    print(f"{check.passed} passed, {check.failed} failed")
    sys.exit(bool(check.failed))


if __name__ == "__main__":
    main()
