#!/usr/bin/env python3
"""Times a model in Weft and in other engines, in turn, and writes the ratios.

usage: run.py --tool WEFT MODEL [--cases s128,d128] [--engines llama,ort,…] [--threads 1,2]
              [--precision bf16,f32] [--cache f16] [--rounds 7] [--python PY] [--out results/FILE.md]

Cases: s<N> N tokens at once, d<N> one token after N, i1 one image.
MODEL is what `weft compile` takes. The other engines run in the Python PY, where they are
installed; one that is missing or fails is a row that says so. A round runs every engine once
after the other; the ratio of a round is the other's time over Weft's of the same round, so
that a machine whose clock moves does not decide. Of several precisions of Weft the first is
compared. Peaks are measured in the same run.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ENGINES = {  # name -> (worker, environment)
    "llama.cpp": ("llama.py", {"FLASH": "0"}),
    "llama.cpp flash": ("llama.py", {"FLASH": "1"}),
    "ONNX Runtime": ("ort.py", {}),
    "ONNX Runtime int8": ("ort.py", {"PRECISION": "int8"}),
    "OpenVINO f32": ("ov.py", {"PRECISION": "f32"}),
    "OpenVINO bf16": ("ov.py", {"PRECISION": "bf16"}),
    "IREE": ("iree_llvm.py", {}),
    "PyTorch eager": ("torch_eager.py", {}),
}
BURST = 3  # runs of an engine in its turn; the best counts


class Worker:
    def __init__(self, python, script, model, threads, env):
        self.process = subprocess.Popen(
            [python, HERE / "engines" / script, model, str(threads)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **env, "OMP_NUM_THREADS": str(threads), "CUDA_VISIBLE_DEVICES": ""})

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            for answer in self.process.stdout:
                if answer.startswith("={"):
                    return json.loads(answer[1:])
        except BrokenPipeError:
            pass
        return {"ok": False, "why": f"ended with {self.process.wait()}"}

    def load(self, case):
        return self.ask(f"load {case}")

    def run(self):
        times = [self.ask("run") for _ in range(BURST)]
        return min(t["ms"] for t in times) if all("ms" in t for t in times) else None

    def close(self):
        self.process.kill()


class Weft:
    """`weft bench` does the timing; the process is started anew each round."""

    def __init__(self, tool, artifact, threads, encoder):
        self.tool, self.artifact, self.threads, self.encoder = tool, artifact, threads, encoder

    def load(self, case):
        count = case[1:]
        if case[0] == "d":
            words = ["--function", "step", "--context", count, "--tokens", "1"]
        elif case[0] == "i":
            words = ["--function", "forward"]
            if count != "1":
                return {"ok": False, "why": "one image is measured"}
        else:
            words = ["--function", "forward" if self.encoder else "prefill", "--tokens", count]
        self.command = [self.tool, "bench", self.artifact, *words, "--repeat", str(BURST),
                        "--threads", str(self.threads), "--json"]
        done = subprocess.run(self.command, capture_output=True, text=True)
        return {"ok": not done.returncode, "why": done.stderr.strip()[:200]}

    def run(self):
        return json.loads(subprocess.run(self.command, capture_output=True, text=True, check=True).stdout)["min_ms"]

    def close(self):
        pass


def measure(engines, case, rounds):
    """Returns name -> times of the rounds, or the reason why there are none."""
    result, live = {}, {}
    for name, engine in engines.items():
        loaded = engine.load(case)
        if loaded["ok"]:
            live[name], result[name] = engine, []
        else:
            result[name] = loaded["why"]
    for _ in range(rounds):
        for name in list(live):
            ms = live[name].run()
            if ms is None:
                result[name] = "failed while running"
                del live[name]
            else:
                result[name].append(ms)
    return result


def rows(case, threads, result):
    ours = next(iter(result.values()))
    for name, times in result.items():
        if isinstance(times, str):
            yield f"| {case} | {threads} | {name} | – | – | – | {times} |"
        elif isinstance(ours, str):
            yield f"| {case} | {threads} | {name} | {min(times):.2f} | {statistics.median(times):.2f} | – | |"
        else:
            ratios = [t / o for t, o in zip(times, ours)]
            yield (f"| {case} | {threads} | {name} | {min(times):.2f} | {statistics.median(times):.2f} | "
                   f"{statistics.median(ratios):.2f} ({min(ratios):.2f}) | |")


def peaks(tool, threads):
    """The machine's limits, measured now."""
    done = subprocess.run([tool, "doctor", "--limits", "--threads", str(threads), "--json"],
                          capture_output=True, text=True, check=True)
    return json.dumps(json.loads(done.stdout)["limits"])


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown processor"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="GGUF file or Hugging Face directory")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--cases", default="s128,s512,d128,d1024")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--precision", default="f32", help="of Weft, with commas between")
    parser.add_argument("--cache", default="f32", help="numbers of Weft's caches; llama.cpp's are f16")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--python", default=sys.executable, help="Python with the other engines")
    parser.add_argument("--out", type=pathlib.Path, help="also write the table here")
    args = parser.parse_args()

    folder = pathlib.Path(tempfile.mkdtemp())
    artifacts = {f"Weft {precision}": folder / f"{precision}.weft" for precision in args.precision.split(",")}
    for name, artifact in artifacts.items():
        subprocess.run([args.tool, "compile", args.model, "-o", artifact, "--precision", name.split()[1],
                        "--cache", args.cache], check=True)
    encoder = not any(f'"{n}"' in subprocess.run([args.tool, "inspect", artifact, "--json"], capture_output=True,
                                                 text=True, check=True).stdout for n in ("prefill",))
    lines = ["| case | threads | engine | min ms | median ms | over the first: median (min) | |", "|---|---|---|---|---|---|---|"]
    limits = []
    for threads in map(int, args.threads.split(",")):
        limits.append(peaks(args.tool, threads))
        engines = {name: Weft(args.tool, artifact, threads, encoder) for name, artifact in artifacts.items()}
        for name in args.engines.split(","):
            if name:
                script, env = ENGINES[name]
                engines[name] = Worker(args.python, script, args.model, threads, env)
        for case in args.cases.split(","):
            for line in rows(case, threads, measure(engines, case, args.rounds)):
                print(line, flush=True)
                lines.append(line)
        for engine in engines.values():
            engine.close()
    if args.out:
        args.out.write_text(f"# {pathlib.Path(args.model).name}\n\n{processor()}. `bench/run.py "
                            f"{pathlib.Path(args.model).name} --precision {args.precision} --cache {args.cache} --cases {args.cases} --rounds {args.rounds}`; limits of the machine in "
                            "the same run:\n\n```\n" + "\n".join(limits) + "\n```\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
