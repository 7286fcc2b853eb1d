"""OpenVINO, in the precision that $PRECISION names, on the exported model."""

import os
import sys

import openvino

from common import inputs, nothing, serve
from export import onnx


def load(case):
    file, facts = onnx(sys.argv[1], case)
    compiled = openvino.Core().compile_model(str(file), "CPU", {
        "INFERENCE_NUM_THREADS": int(sys.argv[2]), "INFERENCE_PRECISION_HINT": os.environ["PRECISION"]})
    request = compiled.create_infer_request()
    data = inputs(case, facts)
    return nothing, lambda: request.infer(data)


serve(load)
