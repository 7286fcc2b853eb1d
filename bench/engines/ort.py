"""ONNX Runtime on the exported model."""

import sys

import onnxruntime as ort

from common import inputs, nothing, serve
from export import onnx


def load(case):
    file, facts = onnx(sys.argv[1], case)
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[2])
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    feed = {port.name: data for port, data in zip(session.get_inputs(), inputs(case, facts))}
    return nothing, lambda: session.run(None, feed)


serve(load)
