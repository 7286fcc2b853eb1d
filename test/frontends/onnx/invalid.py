#!/usr/bin/env python3
"""What is not supported is an error that names file, node, operator and finding."""
# RUN: %python %s %t 2>&1 | FileCheck %s

import pathlib
import subprocess
import sys

import numpy as np
from onnx_model import model, node, tensor

scratch = pathlib.Path(sys.argv[1])
scratch.mkdir(parents=True, exist_ok=True)
f32, i64 = np.float32, np.int64
X = {"x": ("float32", [2, "n", 4]), "i": ("int64", [3])}


def check(nodes, inputs=X, outputs=None, initializers=(), opset=21):
    path = scratch / "m.onnx"
    outputs = outputs or {"y": ("float32", [])}
    path.write_bytes(model(nodes, inputs, outputs, initializers, opset))
    done = subprocess.run(["weft-import", path], text=True, capture_output=True)
    print(done.returncode, done.stderr.replace(str(path), "m.onnx"), end="")


# CHECK: 1 error: m.onnx: node 0 "last" (Loop): this operator is not supported
check([node("Loop", "x", "y", name="last")])
# CHECK: 1 error: m.onnx: node 0 (FusedMatMul): operator of domain "com.microsoft" is not supported
check([node("FusedMatMul", "x x", "y", domain="com.microsoft")])
# CHECK: 1 error: m.onnx: node 1 (Gelu): expected operator set 20 or later but got 17
check([node("Relu", "x", "z"), node("Gelu", "z", "y")], opset=17)
# CHECK: 1 error: m.onnx: opset_import: expected operator set 1 to 28 of ONNX but got 99
check([node("Relu", "x", "y")], opset=99)
# CHECK: 1 error: m.onnx: node 0 (Add): expected operator set 7 or later but got 6
check([node("Add", "x x", "y")], opset=6)
# CHECK: 1 error: m.onnx: node 0 (BitwiseAnd): expected input 0 of type integer but got float
check([node("BitwiseAnd", "x x", "y")])
# CHECK: 1 error: m.onnx: node 0 (Conv): expected weights for 3 channels in 1 groups but got [2, 4, 2, 2]
check([node("Conv", "g w", "y")], {"g": ("float32", [1, 3, 4, 6])}, initializers={"w": np.ones((2, 4, 2, 2), f32)})
# CHECK: 1 error: m.onnx: node 0 (MaxPool): expected axes that are no smaller than the window but got [4, 6]
check([node("MaxPool", "g", "y", kernel_shape=[5, 5])], {"g": ("float32", [1, 3, 4, 6])})
# CHECK: 1 error: m.onnx: node 0 (AveragePool): expected two pads for each of 2 axes, none negative
check([node("AveragePool", "g", "y", kernel_shape=[2, 2], pads=[1, 1])], {"g": ("float32", [1, 3, 4, 6])})
# CHECK: 1 error: m.onnx: node 0 (NegativeLogLikelihoodLoss): expected targets of [1, 4, 6] but got [2]
check([node("NegativeLogLikelihoodLoss", "g t", "y")], {"g": ("float32", [1, 3, 4, 6]), "t": ("int64", [2])})
# CHECK: 1 error: m.onnx: node 0 (Relu): attribute "alpha" is not supported
check([node("Relu", "x", "y", alpha=1)])
# CHECK: 1 error: m.onnx: node 0 (Softmax): expected attribute axis to be an integer but got type 1
check([node("Softmax", "x", "y", axis=1.0)])
# CHECK: 1 error: m.onnx: node 0 (Softmax): expected an axis from -3 to 2 but got 3
check([node("Softmax", "x", "y", axis=3)])
# CHECK: 1 error: m.onnx: node 0 (Add): expected inputs 0 and 1 of one type but got float and int64
check([node("Add", "x i", "y")])
# CHECK: 1 error: m.onnx: node 0 (Add): expected sizes that go together but got [2, n, 4] and [3]
check([node("Add", "x w", "y")], initializers={"w": np.ones(3, f32)})
# CHECK: 1 error: m.onnx: node 0 (MatMul): expected matrices that can be multiplied but got [2, n, 4] and [3, 4]
check([node("MatMul", "x w", "y")], initializers={"w": np.ones((3, 4), f32)})
# CHECK: 1 error: m.onnx: node 0 (Reshape): expected input 1 to be known when the model is compiled, from constants and shapes, but it is computed from data
check([node("Reshape", "x i", "y")])
# CHECK: 1 error: m.onnx: node 0 (Reshape): expected as many elements as in [2, n, 4] but got [2, 5]
check([node("Reshape", "x s", "y")], initializers={"s": np.array([2, 5])})
# CHECK: 1 error: m.onnx: node 0 (Add): value "z": expected
# CHECK-SAME: but got none of this name
check([node("Add", "x z", "y")])
# CHECK: 1 error: m.onnx: node 0 (Clip): expected 1 to 3 inputs but got 4
check([node("Clip", "x x x x", "y")])
# CHECK: 1 error: m.onnx: node 0 (Relu): input 0 of type uint8 is not supported
check([node("Relu", "d", "y")], {"d": ("uint8", [2])})
# CHECK: 1 error: m.onnx: node 0 (Add): expected inputs 0 and 1 of one type but got uint8 and int8
check([node("Add", "d e", "y")], {"d": ("uint8", [2]), "e": ("int8", [2])})
# CHECK: 1 error: m.onnx: node 0 (Softmax): expected input 0 of type float but got double
check([node("Softmax", "d", "y")], {"d": ("float64", [2])})
# CHECK: 1 error: m.onnx: node 0 (Pow): expected a double to the power of 0.5, 2 or 3, which are exact, but got another exponent
check([node("Pow", "d d", "y")], {"d": ("float64", [2])})
# CHECK: 1 error: m.onnx: node 0 (SpaceToDepth): expected mode DCR or CRD but got "RCD"
check([node("SpaceToDepth", "g", "y", blocksize=2, mode="RCD")], {"g": ("float32", [1, 3, 4, 6])})
# CHECK: 1 error: m.onnx: node 0 (Cast): conversion to string is not supported
check([node("Cast", "x", "y", to=8)])
# CHECK: 1 error: m.onnx: node 0 (DequantizeLinear): expected one number, one for each place of axis 1 or one for each block but got [3] for [2, 4]
check([node("DequantizeLinear", "d s", "y")], {"d": ("uint8", [2, 4]), "s": ("float32", [3])})
# CHECK: 1 error: m.onnx: output "y": expected axes with sizes of inputs but got [2*n, 4]
check([node("Reshape", "x s", "y")], initializers={"s": np.array([-1, 4])})
# CHECK: 1 error: m.onnx: node 0 (Attention): expected attribute q_num_heads to be a divisor of 4 but got 3
check([node("Attention", "x x x", "y", q_num_heads=3, kv_num_heads=1)], opset=23)
# CHECK: 1 error: m.onnx: initializer "w": expected a location inside the model's folder but got "../w"
check([node("Add", "x w", "y")], initializers=[tensor("w", np.ones(4, f32), ("../w", 0))])
