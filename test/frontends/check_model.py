#!/usr/bin/env python3
"""Runs the definition of an imported model on golden inputs.

Usage: weft-import MODEL | check_model.py IO.safetensors [--without INPUT | --pieces]

The module's ops are decomposed and run by mlir-runner, with its parameters read from
their files here, so that nothing but the front end and the ops' definitions stands
between the model's files and the result. `--without` leaves out an input, which then
has the value that the module gives for it. `--pieces` checks the derived prefill and
step as well."""

import json
import pathlib
import re
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "run"))
from stream_law import Law
from weft_run import Main, check, run

DTYPES = {"F32": np.float32, "I64": np.int64}


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    return {name: np.frombuffer(data[8 + size:][slice(*entry["data_offsets"])],
                                DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def half(blocks, offset):
    return blocks[:, offset:offset + 2].copy().view(np.float16).astype(np.float32)


def codes(blocks, offset, high=None):
    low = blocks[:, offset:offset + 16]
    q = np.concatenate([low & 15, low >> 4], axis=1).astype(np.int32)
    if high is not None:
        bits = np.unpackbits(blocks[:, high:high + 4], axis=1, bitorder="little")
        q |= bits.astype(np.int32) << 4
    return q


BLOCKS = {  # scheme: bytes of a block, its 32 numbers
    "q4_0": (18, lambda b: half(b, 0) * (codes(b, 2) - 8)),
    "q4_1": (20, lambda b: half(b, 0) * codes(b, 4) + half(b, 2)),
    "q5_0": (22, lambda b: half(b, 0) * (codes(b, 6, 2) - 16)),
    "q5_1": (24, lambda b: half(b, 0) * codes(b, 8, 4) + half(b, 2)),
    "q8_0": (34, lambda b: half(b, 0) * b[:, 2:].copy().view(np.int8)),
}


def read_parameter(file, offset, shape, element):
    count = int(np.prod(shape))
    with open(file, "rb") as stream:
        stream.seek(offset)
        scheme = re.match(r"!weft.blocks<#weft.(\w+)>", element)
        if scheme:
            size, decode = BLOCKS[scheme.group(1)]
            raw = stream.read(count // 32 * size)
            values = decode(np.frombuffer(raw, np.uint8).reshape(-1, size))
        elif element == "bf16":
            raw = np.frombuffer(stream.read(2 * count), np.uint16)
            values = (raw.astype(np.uint32) << 16).view(np.float32)
        else:
            dtype = {"f32": np.float32, "f16": np.float16}[element]
            values = np.frombuffer(stream.read(np.dtype(dtype).itemsize * count), dtype)
    return values.astype(np.float32).reshape(shape)


def inline_parameters(text):
    """Constants of f32 in the place of parameters of any storage."""
    parameters = {}
    pattern = r'weft\.parameter @(\S+) : tensor<([\dx]+)x(\S+)> in "(.*?)" at (\d+)\n'
    for name, dims, element, file, offset in re.findall(pattern, text):
        shape = [int(n) for n in dims.split("x")]
        parameters[name] = read_parameter(file, int(offset), shape, element)
    text = re.sub(pattern, "", text)
    text = re.sub(r"!weft\.blocks<#weft\.\w+>|\bb?f16\b", "f32", text)
    text = re.sub(r"(?<=\dx)b?f16\b", "f32", text)

    def constant(match):
        values = parameters[match.group(1)].tobytes().hex().upper()
        return f'arith.constant dense<"0x{values}"> : {match.group(2)}'

    return re.sub(r"weft\.use @(\S+) : (tensor<\S+>)", constant, text)


def check_whole(text, io, without):
    signature = re.search(r"func\.func @forward\((.*)\) -> \((tensor<\S+>)", text)
    program = Main()
    args = []
    for shape, argument in re.findall(r"%arg\d+: tensor<(.*?)x[if]\d+> {(.*?)}",
                                      signature.group(1)):
        name = re.search(r'weft\.name = "(\w+)"', argument).group(1)
        default = re.search(r"weft\.default = (-?\d+)", argument)
        if name == without:
            values = np.full_like(io["in.input_ids"], int(default.group(1)))
        else:
            values = io["in." + name]
        dynamic = [i for i, size in enumerate(shape.split("x")) if size == "?"]
        args.append(program.constant(values, dynamic=dynamic))
    (result,) = program.call("forward", args, [signature.group(2)])
    program.print(result)
    (got,) = run(text, program)
    check("whole", got, io["out"])


def check_pieces(text, io):
    """The law of streams on the first 7 tokens of the first row."""
    aliases, module = re.split(r"^module @\w+ {", text, flags=re.M)
    body = module[:module.rindex("}")].replace("@forward(", "@model(")
    law = Law()
    law.add(aliases + body, [io["in.input_ids"][:1, :7]], [], io["out"][:1, :7])
    law.check()


def main():
    text = inline_parameters(sys.stdin.read())
    io = read_safetensors(sys.argv[1])
    if "--pieces" in sys.argv:
        check_pieces(text, io)
    else:
        check_whole(text, io, sys.argv[3] if "--without" in sys.argv else None)


main()
