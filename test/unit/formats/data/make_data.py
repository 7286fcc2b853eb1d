#!/usr/bin/env python3
"""Makes the files of this folder with the formats' own Python packages
(safetensors, gguf, NumPy). Run it in this folder; the results are committed."""
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from safetensors.numpy import save_file

rng = np.random.default_rng(7)

# A tensor of each type that safetensors can hold and NumPy too (not bf16), and an
# empty and a scalar one.
save_file({
    "f64": np.arange(4.0), "f32": np.arange(6, dtype=np.float32).reshape(2, 3),
    "f16": np.arange(3, dtype=np.float16), "i8": np.arange(3, dtype=np.int8),
    "u8": np.arange(3, dtype=np.uint8), "i16": np.arange(3, dtype=np.int16),
    "i32": np.arange(3, dtype=np.int32), "i64": np.array(5, dtype=np.int64),
    "bool": np.array([True, False]), "empty": np.zeros((0, 4), np.float32),
}, "types.safetensors", {"made by": "make_data.py"})

writer = GGUFWriter("metadata.gguf", "llama")
writer.add_uint64("test.u64", 1 << 40)
writer.add_int16("test.i16", -5)
writer.add_float64("test.f64", 0.25)
writer.add_bool("test.bool", True)
writer.add_array("test.strings", ["eins", "zwei", "drei"])
writer.add_array("test.numbers", [1.5, 2.5])
writer.add_tensor("weights", np.arange(6, dtype=np.float32).reshape(2, 3))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

# Blocks of random bits, except for the halves, which are finite; and what the gguf
# package makes of them. Halves of a type: byte offsets in its block.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
          "Q4_K": [0, 2], "Q6_K": [208]}
tensors = {}
for name, halves in HALVES.items():
    kind = GGMLQuantizationType[name]
    blocks = rng.integers(0, 256, (4, GGML_QUANT_SIZES[kind][1]), np.uint8)
    for offset in halves:
        scales = rng.normal(size=(4, 1)).astype(np.float16)
        blocks[:, offset:offset + 2] = scales.view(np.uint8)
    tensors[name + ".blocks"] = blocks
    tensors[name + ".values"] = dequantize(blocks, kind)
save_file(tensors, "blocks.safetensors", {"made by": "make_data.py"})
