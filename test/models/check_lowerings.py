#!/usr/bin/env python3
"""Runs every kind of op twice: by its lowering, and decomposed to loop nests.

usage: check_lowerings.py

One module holds a function for each case, of odd sizes. Both artifacts get the same
random inputs and must agree; sums are taken in another order."""

import json
import pathlib
import subprocess
import tempfile

import numpy as np

OPS = ["linear", "norm", "rope", "embed", "attention", "scan", "short_conv",
       "long_conv"]
PASSES = ("builtin.module(canonicalize,cse,weft-model-to-program{without="
          + ",".join("weft." + op for op in OPS) + "})")

B, T, S, H, G, D, E, R, C = 2, 13, 21, 6, 2, 10, 7, 5, 9


def tensor(*shape, element="f32"):
    return "tensor<" + "".join(f"{n}x" for n in shape) + element + ">"


def function(name, inputs, results, body):
    """A function of tensors by name; `body` ends with a value for each result."""
    arguments = ", ".join(f"%{key}: {kind} {{weft.name = \"{key}\"}}"
                          for key, kind in inputs.items())
    outs = ", ".join(f"{kind} {{weft.name = \"r{i}\"}}" for i, kind in enumerate(results))
    values = ", ".join(f"%r{i}" if len(results) == 1 else f"%r#{i}"
                       for i in range(len(results)))
    return (f"func.func @{name}({arguments}) -> ({outs}) {{\n{body}\n"
            f"  return {values} : {', '.join(results)}\n}}\n")


def attention(name, options, score="", query=T, key=S, at="", extra=None):
    q, k, v = tensor(B, query, H, D), tensor(B, key, G, D), tensor(B, key, G, E)
    out = tensor(B, query, H, E)
    inputs = {"q": q, "k": k, "v": v, **(extra or {})}
    body = (f"  %p = arith.constant {key - query} : index\n"
            f"  %r0 = weft.attention %q, %k, %v {at} at %p {options} {score}"
            f" : {q}, {k}, {v} {'valid ' + inputs['valid'] if at else ''} -> {out}")
    return function(name, inputs, [out], body)


def scan(name, transition, gates, regions=""):
    q, v = tensor(B, T, H, R), tensor(B, T, H, C)
    out, state = tensor(B, T, H, C), tensor(B, H, R, C)
    inputs = {"q": q, "k": q, "v": v, **{f"g{i}": g for i, g in enumerate(gates)},
              "s": state}
    names = ", ".join(f"%g{i}" for i in range(len(gates)))
    body = (f"  %r:2 = weft.scan %q, %k, %v transition({transition} gates {names})"
            f" from %s {regions} : {q}, {q}, {v}, {', '.join(gates)} -> {out}, {state}")
    return function(name, inputs, [out, state], body)


def norm(kind):
    x, c = tensor(B, T, C), tensor(C)
    body = (f"  %r0 = weft.norm<{kind}> %x scale %c shift %d epsilon 1.0e-5"
            f" : {x} scale {c} shift {c}")
    return function(f"norm_{kind}", {"x": x, "c": c, "d": c}, [x], body)


def rope(pairing):
    x = tensor(B, T, H, D)
    body = ("  %p = arith.constant 5 : index\n"
            f"  %r0 = weft.rope %x at %p pairing<{pairing}>"
            f" frequencies [1.0, 0.3, 0.1] : {x}")
    return function(f"rope_{pairing}", {"x": x}, [x], body)


def short_conv(dilation):
    x, f, c = tensor(B, T, C), tensor(C, 4), tensor(C)
    taps = tensor(B, 3 * dilation, C)
    body = (f"  %r:2 = weft.short_conv %x, %f with %c from %s combine(%a, %b) {{\n"
            "    %0 = arith.addf %a, %b : f32\n    weft.yield %0 : f32\n  }"
            f" {{dilation = {dilation} : i64}} : {x}, {f} with {c} -> {x}, {taps}")
    return function(f"short_conv_{dilation}", {"x": x, "f": f, "c": c, "s": taps},
                    [x, taps], body)


def long_conv(name, tokens, groups, options=""):
    x, f = tensor(B, tokens, C), tensor(2 * tokens - 1, groups)
    body = f"  %r0 = weft.long_conv %x, %f {options} : {x}, {f} -> {x}"
    return function(f"long_conv_{name}", {"x": x, "f": f}, [x], body)


SCORE = """score(%s, %b, %h, %i, %j) {
    %slope = tensor.extract %slopes[%h] : tensor<6xf32>
    %0 = arith.subi %j, %i : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %slope : f32
    %4 = arith.addf %s, %3 : f32
    weft.yield %4 : f32
  }"""
CAUSAL = "normaliser(#weft.softmax) mask(#weft.causal)"
TIME = tensor(B, T, H)

CASES = [
    attention("softmax", "normaliser(#weft.softmax)"),
    attention("causal", CAUSAL),
    attention("sigmoid", "normaliser(#weft.sigmoid) mask(#weft.causal)"),
    attention("relu_mean", "normaliser(#weft.relu_mean) mask(#weft.causal)"),
    attention("window", "normaliser(#weft.softmax) mask(#weft.and<#weft.causal, "
              "#weft.or<#weft.window<5>, #weft.sinks<2>>>)"),
    attention("alibi", CAUSAL, SCORE, extra={"slopes": tensor(H)}),
    attention("padding", CAUSAL, at="valid %valid",
              extra={"valid": tensor(B, S, element="i64")}),
    attention("one_query", CAUSAL, query=1, key=600),
    attention("one_query_alibi", CAUSAL, SCORE, query=1, key=300,
              extra={"slopes": tensor(H)}),
    attention("one_query_sigmoid", "normaliser(#weft.sigmoid)", query=1, key=300),
    scan("decay", "#weft.decay<scalar>", [TIME]),
    scan("decay_vector", "#weft.decay<vector>", [tensor(B, T, H, R)]),
    scan("delta", "#weft.delta", [TIME]),
    scan("gated_delta", "#weft.gated_delta", [tensor(B, T, H, R), TIME]),
    scan("selective", "#weft.selective", [tensor(B, T, H, C), tensor(H, R, C)]),
    norm("layer"), norm("rms"), norm("l2"),
    rope("half"), rope("adjacent"),
    short_conv(1), short_conv(2),
    long_conv("own", 70, C), long_conv("shared", 70, 3, "bidirectional"),
    long_conv("short", T, 1),
]


def run(artifact, name, inputs, folder):
    results = folder / "results"
    command = ["weft", "run", str(artifact), "-q", "--function", name, "-O", str(results)]
    for key, value in inputs.items():
        np.save(folder / f"{key}.npy", value)
        command += ["-i", f"{key}={folder / key}.npy"]
    subprocess.run(command, check=True)
    return {path.stem: np.load(path) for path in results.glob("*.npy")}


def random_inputs(ports, random):
    inputs = {}
    for port in ports:
        shape = port["dims"]
        if port["type"] == "i64":
            inputs[port["name"]] = (random.random(shape) < 0.7).astype(np.int64)
        elif port["name"].startswith("g"):  # A gate between 0 and 1.
            inputs[port["name"]] = random.uniform(0.1, 0.9, shape).astype(np.float32)
        else:
            inputs[port["name"]] = random.normal(size=shape).astype(np.float32)
    return inputs


def main():
    random = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        source, lowered = folder / "model.mlir", folder / "decomposed.mlir"
        source.write_text("\n".join(CASES))
        subprocess.run(["weft-opt", source, f"-pass-pipeline={PASSES}", "-o", lowered],
                       check=True)
        fast, slow = folder / "fast.weft", folder / "slow.weft"
        subprocess.run(["weft", "compile", source, "-q", "-o", fast], check=True)
        subprocess.run(["weft", "compile", lowered, "-q", "-o", slow], check=True)
        report = subprocess.run(["weft", "inspect", fast, "--json"], check=True,
                                capture_output=True, text=True).stdout
        functions = json.loads(report)["functions"]
        assert len(functions) == len(CASES)
        for entry in functions:
            name = entry["name"]
            inputs = random_inputs(entry["inputs"], random)
            got, want = (run(path, name, inputs, folder) for path in (fast, slow))
            for key in (port["name"] for port in entry["outputs"]):
                error = np.abs(got[key] - want[key]).max() / np.abs(want[key]).max()
                print(f"{name} {key}: {error:.1e}")
                assert np.isfinite(want[key]).all() and error <= 3e-6, name


main()
