"""ONNX Runtime on the exported model; forward and prefill only."""

import sys

import onnxruntime as ort

from common import nothing, serve, tokens
from export import onnx


def load(case):
    if case[0] != "s":
        raise ValueError("decode is not exported")
    file, vocabulary = onnx(sys.argv[1], case)
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[2])
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: tokens(int(case[1:]), vocabulary)}
    return nothing, lambda: session.run(None, feed)


serve(load)
