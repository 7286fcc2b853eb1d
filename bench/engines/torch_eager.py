"""PyTorch eager in f32; forward and prefill only."""

import sys

import torch

from common import inputs, nothing, serve
from export import module


def main():
    wrapped, facts = module(sys.argv[1])
    torch.set_num_threads(int(sys.argv[2]))

    def load(case):
        data = torch.from_numpy(inputs(case, facts))
        return nothing, lambda: wrapped(data)

    serve(load)


main()
