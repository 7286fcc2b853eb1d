#!/usr/bin/env python3
"""Compiles the description of each system, runs it, and compares with its reference.

usage: run.py --tool WEFT [--jobs N] [--json] [--table FILE] [FILTER …]

A system is a folder `<family>/<system>`:
  model.mlir      the description
  reference.py    inputs(rng, n) -> {name: array}, reference(**inputs) -> array or {name: array},
                  ORACLE, in words; NumPy in float64. SIZES, TOLERANCE where they differ;
                  RAGGED = True where sequences can be packed;
                  ALSO = {file: sizes}, descriptions for some sizes beside the model.
                  GOLDEN, in words, where golden.npz holds inputs and what others' code computes.
`<family>/family.json` has a row for each system: folder, or why there is none.
What is checked: the whole sequence for each size; where the compiler derives pieces, each token
of prefill and steps; if it is RAGGED, sequences packed behind each other: each attention of
the description is given `segments` for that.
A FILTER is a part of `<family>/<system>`. --table writes the status of all rows.
"""

import argparse
import concurrent.futures
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SIZES = (1, 7, 37)         # tokens of the whole; the last is also run by pieces
RAGGED = (5, 1, 17, 9)     # tokens of sequences in one pack
TOLERANCE = 2e-5           # greatest error in units of the reference's root mean square
CAPACITY = 64              # tokens that caches hold


class Failure(Exception):
    pass


def load_reference(folder):
    spec = importlib.util.spec_from_file_location("reference_" + folder.name.replace("-", "_"),
                                                  folder / "reference.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(HERE))  # `library.py`: what references share
    spec.loader.exec_module(module)
    return module


class Artifact:
    """A compiled description, and runs of its functions on arrays."""

    def __init__(self, tool, source, dir):
        self.tool, self.dir, self.file = tool, dir, dir / f"{source.stem}.weft"
        self.explain = self.weft("compile", source, "-o", self.file, "--max-context", CAPACITY, "--explain")
        tables = json.loads(self.weft("inspect", self.file, "--json"))
        self.functions = {f["name"]: f for f in tables["functions"]}
        self.states = tables["states"]

    def weft(self, *words):
        done = subprocess.run([self.tool, *map(str, words)], capture_output=True, text=True)
        if done.returncode:
            raise Failure(done.stderr.strip() or f"weft {words[0]} ended with {done.returncode}")
        return done.stdout + (done.stderr if words[0] == "compile" else "")

    def run(self, function, inputs, *options):
        words = []
        for value in self.functions[function]["inputs"]:
            name = value["name"]
            array = np.asarray(inputs[name])
            array = array.astype(np.int64 if value["type"] == "i64" else np.float32)
            np.save(self.dir / f"{name}.npy", array)
            words += ["-i", f"{name}={self.dir / name}.npy"]
        out = self.dir / "out"
        self.weft("run", self.file, "--function", function, *words, "-O", out, "--threads", 1, *options)
        return {v["name"]: np.load(out / f"{v['name']}.npy") for v in self.functions[function]["outputs"]}

    def axes(self, function, what):
        """Axis of the tokens of each input or output that runs along them."""
        return {v["name"]: v["dims"].index("tokens") for v in self.functions[function][what]
                if "tokens" in v["dims"]}


def compare(where, got, want, tolerance):
    for name, wanted in want.items():
        if name not in got:
            raise Failure(f"{where}: expected a result {name} but got {', '.join(got)}")
        given = got[name].astype(np.float64)
        if given.shape != wanted.shape:
            raise Failure(f"{where}: expected {name} of shape {wanted.shape} but got {given.shape}")
        error = np.abs(given - wanted).max(initial=0) / max(np.sqrt((wanted ** 2).mean()), 1e-6)
        if not error < tolerance:
            raise Failure(f"{where}: expected an error of {name} below {tolerance} but got {error:.2e}")


TYPE = r"(?:![\w.]+|tensor<[^<>]*>)"


def make_ragged(text):
    """The description with `segments` given to each attention, as a function of whole sequences."""
    text = text.replace(" attributes {weft.stream}", "")
    text = text.replace("@forward(", '@forward(%segments: tensor<?x?xi64> {weft.name = "segments"}, ', 1)
    parts = text.split("weft.attention ")
    for i in range(1, len(parts)):
        part = re.sub(r"^(%\w+, %\w+, %\w+)", r"\1 segments %segments, %segments", parts[i])
        parts[i], count = re.subn(rf"(: {TYPE}, {TYPE}, {TYPE})(?=\s+(?:rows|columns|->))",
                                  r"\1 segments tensor<?x?xi64>, tensor<?x?xi64>", part, count=1)
        if not count:
            raise Failure("expected an attention of three types to give segments to")
    return "weft.attention ".join(parts)


class Case:
    def __init__(self, tool, folder):
        self.folder, self.module = folder, load_reference(folder)
        self.tool = tool
        self.tolerance = getattr(self.module, "TOLERANCE", TOLERANCE)

    def want(self, inputs):
        result = self.module.reference(**{k: np.asarray(v) for k, v in inputs.items()})
        return result if isinstance(result, dict) else {"out": np.asarray(result)}

    def inputs(self, n, seed):
        """Values that f32 holds exactly: both sides compute from the same."""
        given = self.module.inputs(np.random.default_rng(seed), n)
        return {k: v if np.issubdtype(np.asarray(v).dtype, np.integer)
                else np.asarray(v).astype(np.float32).astype(np.float64) for k, v in given.items()}

    def check(self):
        with tempfile.TemporaryDirectory(prefix="weft-systems-") as dir:
            artifact = Artifact(self.tool, self.folder / "model.mlir", pathlib.Path(dir))
            forms = ["full"]
            whole = getattr(self.module, "SIZES", SIZES)
            for n in whole:
                inputs = self.inputs(n, n)
                compare(f"{n} tokens", artifact.run("forward", inputs), self.want(inputs), self.tolerance)
            if hasattr(self.module, "GOLDEN"):
                golden = dict(np.load(self.folder / "golden.npz"))
                want = {"out": golden.pop("out").astype(np.float64)}
                compare("golden", artifact.run("forward", golden), want, self.tolerance)
            for name, sizes in getattr(self.module, "ALSO", {}).items():
                also = Artifact(self.tool, self.folder / name, pathlib.Path(dir))
                for n in sizes:
                    inputs = self.inputs(n, n)
                    compare(f"{name}: {n} tokens", also.run("forward", inputs), self.want(inputs), self.tolerance)
            if "step" in artifact.functions:
                self.check_step(artifact, whole[-1])
                forms.append("step")
            elif getattr(self.module, "STEP", False):
                raise Failure("expected derived pieces but got none")
            if getattr(self.module, "RAGGED", False):
                # Imports are seen from the folder of the text.
                text = make_ragged((self.folder / "model.mlir").read_text())
                ragged = pathlib.Path(dir) / "ragged.mlir"
                ragged.write_text(re.sub(r'(weft\.import ")', rf"\g<1>{self.folder}/", text))
                self.check_ragged(Artifact(self.tool, ragged, pathlib.Path(dir)))
                forms.append("ragged")
            return forms, artifact

    def check_step(self, artifact, n):
        """Pieces one after the other: two prefills, the rest by steps."""
        inputs = self.inputs(n, 1000)
        axes = artifact.axes("prefill", "inputs")
        inputs = {k: np.take(v, [0], 0) if k in axes else v for k, v in inputs.items()}
        want = self.want(inputs)
        tokens = artifact.axes("forward", "outputs")
        state, at = artifact.dir / "state", 0
        steps = min(n - 1, 4)
        first = max((n - steps) // 2, 1)
        pieces = [c for c in (first, n - steps - first) if c > 0] + [1] * steps
        for number, count in enumerate(pieces):
            step = number >= len(pieces) - steps
            piece = {k: np.take(v, range(at, at + count), axes[k]) if k in axes else v
                     for k, v in inputs.items()}
            options = ["--save-state", state] + (["--load-state", state] if at else [])
            got = artifact.run("step" if step else "prefill", piece, *options)
            at += count
            last = {k: np.take(v, at - 1, tokens[k]) if k in tokens else v for k, v in want.items()}
            compare(f"{'step' if step else 'prefill'} to token {at}", got, last, self.tolerance)

    def check_ragged(self, artifact):
        """Sequences in one pack against each alone."""
        axes = artifact.axes("forward", "inputs")
        tokens = artifact.axes("forward", "outputs")
        packed, wanted, starts, at = {}, {}, [], 0
        whole = self.inputs(sum(RAGGED), 7)
        for length in RAGGED:
            part = {k: np.take(v, [0], 0).take(range(at, at + length), axes[k]) if k in axes else v
                    for k, v in whole.items()}
            for k, v in part.items():
                packed.setdefault(k, []).append(v)
            for k, v in self.want(part).items():
                wanted.setdefault(k, []).append(v)
            starts += [at] * length
            at += length
        inputs = {k: np.concatenate(v, axes[k]) if k in axes else v[0] for k, v in packed.items()}
        inputs["segments"] = np.array([starts])
        want = {k: np.concatenate(v, tokens[k]) for k, v in wanted.items()}
        compare("ragged", artifact.run("forward", inputs), want, self.tolerance)


def count_lines(folder):
    text = (folder / "model.mlir").read_text().splitlines()
    return sum(bool(line.strip()) and not line.strip().startswith("//") for line in text)


def kinds_of(folder):
    text = re.sub(r"//.*", "", (folder / "model.mlir").read_text())
    kinds = set(re.findall(r"#weft\.(\w+)", text))
    ops = set(re.findall(r"\bweft\.(merge|scan|attention|short_conv|norm|rope|linear)\b", text))
    regions = set(re.findall(r"\b(score|allowed|post|segments|rows|columns|valid)\(?\s*[(%]", text))
    return sorted(kinds), sorted(ops), sorted(regions)


def check_row(tool, family, row):
    """Returns the row of the table, and what went wrong, or ''."""
    result = {"family": family, "system": row["system"], "status": "missing", "forms": [],
              "oracle": "", "reason": row.get("missing", "")}
    if "folder" not in row:
        return result, ""
    folder = HERE / family / row["folder"]
    kinds, ops, regions = kinds_of(folder)
    result.update(folder=row["folder"], lines=count_lines(folder), kinds=kinds, ops=ops, regions=regions,
                  reason=row.get("dense", row.get("partial", "")))
    try:
        case = Case(tool, folder)
        golden = getattr(case.module, "GOLDEN", "")
        result["oracle"] = " ".join(case.module.ORACLE.split()) + (golden and f"; golden values of {golden}")
        result["forms"], artifact = case.check()
        result["slow"] = sorted(set(re.findall(r"weft\.(\w+) .*decompos", artifact.explain)))
        result["state_bytes"] = sum(s["bytes"] for s in artifact.states)
    except Exception as error:  # whatever a description or a reference does, the table goes on
        result.update(status="fails", reason=f"{type(error).__name__}: {error}"
                      if not isinstance(error, Failure) else str(error))
        return result, result["reason"]
    result["status"] = "dense so far" if "dense" in row else "in part" if "partial" in row else "works"
    return result, ""


def rows(filters):
    for file in sorted(HERE.glob("*/family.json")):
        for row in json.loads(file.read_text()):
            name = f"{file.parent.name}/{row.get('folder', row['system'])}"
            if not filters or any(f in name for f in filters):
                yield file.parent.name, row


def table(results):
    counts = {}
    for r in results:
        counts[r["status"]] = counts.get(r["status"], 0) + 1
    lines = sorted(r["lines"] for r in results if "lines" in r)
    kinds = sorted(len(r["kinds"]) for r in results if "lines" in r)
    out = ["# Systems", "",
           "Written by `./dev systems`. A system *works* when its description compiles, runs, and agrees with a reference",
           "that does not come from this code: on whole sequences (*full*), by prefill and steps (*step*), and packed",
           "(*ragged*), where it has these forms. *Dense so far*: right, but a mask is evaluated where the paper skips",
           "work. *In part*: right, but something that the paper has is left out, named in the row. *By definition*: ops that",
           "run by their decomposition into loops, since no kernel takes them as they stand there (a `linear` whose weights",
           "are inputs of the test is one). `test/systems/run.py` says how it is checked.", "",
           ", ".join(f"{n} {s}" for s, n in sorted(counts.items(), key=lambda c: -c[1])) + f"; {len(results)} in all."]
    if lines:
        out.append(f"Lines of a description: median {lines[len(lines) // 2]}, most {lines[-1]}. "
                   f"Kinds in one: median {kinds[len(kinds) // 2]}, most {kinds[-1]}.")
    for family in dict.fromkeys(r["family"] for r in results):
        out += ["", f"## `{family}`", "", "| system | status | forms | lines | kinds | by definition | reference, or what is missing |",
                "|---|---|---|---|---|---|---|"]
        for r in results:
            if r["family"] != family:
                continue
            name = f"[{r['system']}](../test/systems/{family}/{r['folder']})" if "folder" in r else r["system"]
            words = "; ".join(filter(None, [r["oracle"], r["reason"]])).replace("|", "\\|").replace("\n", " ")
            out.append(f"| {name} | {r['status']} | {', '.join(r['forms'])} | {r.get('lines', '')} | "
                       f"{', '.join(r.get('kinds', []))} | {', '.join(r.get('slow', []))} | {words} |")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--table")
    parser.add_argument("filters", nargs="*")
    args = parser.parse_args()
    todo = list(rows(args.filters))
    if not todo:
        sys.exit(f"expected a system that matches {' '.join(args.filters)} but got none")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        outcomes = list(pool.map(lambda t: check_row(args.tool, *t), todo))
    results = [r for r, _ in outcomes]
    failed = [r for r in results if r["status"] == "fails"]
    passed = [r for r in results if r["status"] not in ("fails", "missing")]
    if args.table:
        pathlib.Path(args.table).write_text(table(results))
    if args.json:
        print(json.dumps({"passed": len(passed), "failed": len(failed), "systems": results}, indent=1))
    else:
        for r in results:
            name = f"{r['family']}/{r.get('folder', r['system'])}"
            print(f"{r['status']:12} {name}: {', '.join(r['forms']) or r['reason']}")
        print(f"{len(passed)} passed, {len(failed)} failed, {len(results) - len(passed) - len(failed)} missing")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
