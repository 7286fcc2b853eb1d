"""ONNX Runtime on the exported model; with $PRECISION int8, quantized dynamically first."""

import os
import sys

import onnxruntime as ort

from common import inputs, nothing, serve
from export import onnx


def quantize(file):
    """Weights of eight bits with a scale an output, activations rounded as they come; kept."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    result = file.with_suffix(".int8.onnx")
    if not result.exists():
        quantize_dynamic(str(file), str(result), weight_type=QuantType.QInt8, per_channel=True)
    return result


def load(case):
    file, facts = onnx(sys.argv[1], case)
    if os.environ.get("PRECISION") == "int8":
        file = quantize(file)
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[2])
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    feed = {port.name: data for port, data in zip(session.get_inputs(), inputs(case, facts))}
    return nothing, lambda: session.run(None, feed)


serve(load)
