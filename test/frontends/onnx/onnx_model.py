"""Writes small ONNX files with nothing but the encoding of protobuf, for tests."""
import struct

import numpy as np

TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int16": 5, "int32": 6, "int64": 7,
         "bool": 9, "float16": 10, "float64": 11, "uint16": 4, "uint32": 12, "uint64": 13}


def varint(number):
    number &= (1 << 64) - 1
    data = b""
    while True:
        data += bytes([number & 0x7f | (0x80 if number > 0x7f else 0)])
        number >>= 7
        if not number:
            return data


def integer(field, number):
    return varint(field << 3) + varint(number)


def message(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, array, external=None):
    """A TensorProto; external: (location, offset) of its bytes in another file."""
    array = np.asarray(array)
    data = b"".join(integer(1, size) for size in array.shape)
    data += integer(2, TYPES[array.dtype.name]) + message(8, name)
    if external:
        entries = {"location": external[0], "offset": str(external[1]),
                   "length": str(array.nbytes)}
        for key, value in entries.items():
            data += message(13, message(1, key) + message(2, value))
        return data + integer(14, 1)
    return data + message(9, np.ascontiguousarray(array).tobytes())


def value(name, dtype, dims):
    """A ValueInfoProto; a dimension is a number or a name."""
    shape = b"".join(message(1, integer(1, d) if isinstance(d, int) else message(2, d))
                     for d in dims)
    kind = message(1, integer(1, TYPES[dtype]) + message(2, shape))
    return message(1, name) + message(2, kind)


def attribute(name, item):
    if isinstance(item, bool) or isinstance(item, int):
        body, kind = integer(3, int(item)), 2
    elif isinstance(item, float):
        body, kind = varint(2 << 3 | 5) + struct.pack("<f", item), 1
    elif isinstance(item, str):
        body, kind = message(4, item), 3
    elif isinstance(item, np.ndarray):
        body, kind = message(5, tensor("", item)), 4
    else:
        body, kind = b"".join(integer(8, i) for i in item), 7
    return message(1, name) + body + integer(20, kind)


def node(op, inputs, outputs, name="", domain="", **attributes):
    """inputs, outputs: names with blanks between; "none" is one that is left out."""
    names = ["" if i == "none" else i for i in inputs.split()]
    data = b"".join(message(1, i) for i in names)
    data += b"".join(message(2, o) for o in outputs.split())
    data += message(3, name) + message(4, op)
    data += b"".join(message(5, attribute(k, v)) for k, v in attributes.items())
    return data + (message(7, domain) if domain else b"")


def model(nodes, inputs, outputs, initializers=(), opset=24):
    """inputs, outputs: {name: (dtype, dims)}; initializers: {name: array} or tensors."""
    if isinstance(initializers, dict):
        initializers = [tensor(k, v) for k, v in initializers.items()]
    graph = b"".join(message(1, n) for n in nodes) + message(2, "graph")
    graph += b"".join(message(5, t) for t in initializers)
    graph += b"".join(message(11, value(k, *v)) for k, v in inputs.items())
    graph += b"".join(message(12, value(k, *v)) for k, v in outputs.items())
    return (integer(1, 10) + message(2, "test") + message(7, graph)
            + message(8, message(1, "") + integer(2, opset)))
