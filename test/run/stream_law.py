"""The law of a stream: pieces one after the other give what the whole gives.

`Law.add` takes a function marked `weft.stream` and what NumPy says of the whole;
`Law.check` compiles it, runs the whole and its pieces, and compares."""

import re

import numpy as np

from weft_run import Main, check, execute, run, type_of

# Tokens of each piece; 0 stands for one token by the step.
SPLITS = ([7], [0] * 7, [5, 0, 0], [1, 2, 0, 3])
STATE = re.compile(r"(tensor<[^>]*>) \{weft.state = #weft.state<\"([^\"]*)\", (\w+)>\}")


def states_of(derived, function):
    """(type, growth) of each state that `function` takes."""
    (line,) = re.findall(rf"func.func @{function}\((.*?)\) ->", derived)
    return [(type, growth) for type, _, growth in STATE.findall(line)]


class Law:
    def __init__(self, capacity=12):
        self.capacity, self.cases = capacity, []

    def add(self, text, sequences, parameters, want):
        """`text` is `func.func @name...`; its arguments are `sequences`, arrays
        along axis 1, then `parameters`; `want` is its result, along axis 1."""
        name = re.search(r"func.func @(\w+)", text)[1]
        self.cases.append((name, text, sequences, parameters, want))

    def check(self, *passes):
        module = "\n".join(text for _, text, *_ in self.cases)
        derived = execute(["weft-opt", "-", "-mlir-print-local-scope",
                           f"--weft-derive-step=capacity={self.capacity}",
                           *passes], module)
        main, wanted = Main(), []
        for case in self.cases:
            self.call(main, derived, wanted, *case)
        for got, (name, want) in zip(run(derived, main), wanted, strict=True):
            check(name, got, want)

    def call(self, main, derived, wanted, name, text, sequences, parameters, want):
        dynamic = {0, 1} if "tensor<?x?" in text else {1}
        weights = [main.constant(p) for p in parameters]
        whole = [main.constant(s, dynamic) for s in sequences]
        main.print(main.call(name, whole + weights, [type_of(want, dynamic)])[0])
        wanted.append((f"{name}: whole", want))
        states = states_of(derived, f"{name}_step")
        for split in SPLITS:
            # Rows that were not written must not be read: they are not numbers.
            kept = [main.filled(type, 0 if growth == "fixed" or "f32" not in type
                                else np.nan) for type, growth in states]
            at = 0
            for tokens in split:
                piece, count = ("prefill", tokens) if tokens else ("step", 1)
                inputs = [main.constant(s[:, at:at + count], {1} if tokens else ())
                          for s in sequences]
                result, *kept = main.call(
                    f"{name}_{piece}", [*inputs, *weights, *kept, main.index(at)],
                    [type_of(want[:, 0]), *(type for type, _ in states)])
                at += count
                main.print(result)
                wanted.append((f"{name} {split}: {at} tokens", want[:, at - 1]))
