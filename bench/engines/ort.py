"""ONNX Runtime on the exported model; forward and prefill only."""

import sys

import onnxruntime as ort

from common import inputs, nothing, serve
from export import onnx


def load(case):
    file, facts = onnx(sys.argv[1], case)
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[2])
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: inputs(case, facts)}
    return nothing, lambda: session.run(None, feed)


serve(load)
