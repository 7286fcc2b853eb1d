"""PyTorch eager in f32; forward and prefill only."""

import sys

import torch

from common import nothing, serve, tokens
from export import module


def main():
    wrapped, vocabulary = module(sys.argv[1])
    torch.set_num_threads(int(sys.argv[2]))

    def load(case):
        if case[0] != "s":
            raise ValueError("decode is not measured")
        ids = torch.from_numpy(tokens(int(case[1:]), vocabulary))
        return nothing, lambda: wrapped(ids)

    serve(load)


main()
