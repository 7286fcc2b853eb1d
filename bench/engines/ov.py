"""OpenVINO in f32 on the exported model; forward and prefill only."""

import sys

import openvino

from common import nothing, serve, tokens
from export import onnx


def load(case):
    if case[0] != "s":
        raise ValueError("decode is not exported")
    file, vocabulary = onnx(sys.argv[1], case)
    compiled = openvino.Core().compile_model(str(file), "CPU", {
        "INFERENCE_NUM_THREADS": int(sys.argv[2]), "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    ids = tokens(int(case[1:]), vocabulary)
    return nothing, lambda: request.infer([ids])


serve(load)
