"""PyTorch eager in f32."""

import sys

import torch

from common import inputs, nothing, serve
from export import module


def load(case):
    torch.set_num_threads(int(sys.argv[2]))
    wrapped, facts = module(sys.argv[1], case)
    data = [torch.from_numpy(array) for array in inputs(case, facts)]
    return nothing, lambda: wrapped(*data)


serve(load)
