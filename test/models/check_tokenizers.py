#!/usr/bin/env python3
"""Compares Weft's tokenizers with Hugging Face's on thousands of hard texts.

    check_tokenizers.py BUILD_DIRECTORY MODEL... [--count N] [--seed S]

A MODEL is a directory with tokenizer.json or a .gguf file. Needs the packages
`tokenizers` and, for GGUF, `transformers`. Every text is encoded with special tokens
and decoded again; ids, decoded text and streamed text must be equal.
"""

import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "unit/tokenizer/golden"))
from hard_texts import HARD, random_text

def published_pre_tokenizer(pre):
    """transformers does not know the name `smollm` and splits as GPT-2 does; the
    tokenizer.json that the model's authors publish also isolates digits."""
    from tokenizers import pre_tokenizers
    if pre == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    return None


def load_reference(model):
    from tokenizers import Tokenizer
    path = pathlib.Path(model)
    if path.suffix != ".gguf":
        reference = Tokenizer.from_file(str(path / "tokenizer.json"))
    else:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from gguf import GGUFReader
        from transformers import AutoTokenizer
        reference = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name).backend_tokenizer
        field = GGUFReader(str(path)).fields.get("tokenizer.ggml.pre")
        other = published_pre_tokenizer(field.contents() if field else None)
        if other:
            reference.pre_tokenizer = other
    reference.no_truncation()
    reference.no_padding()
    return reference


def run_weft(build, model, texts):
    data = b"".join(struct.pack("<I", len(t)) + t for t in (t.encode() for t in texts))
    result = subprocess.run([f"{build}/bin/weft-tokenize-check", model], input=data, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def check(build, model, count, seed):
    reference = load_reference(model)
    rng = random.Random(seed)
    specials = [t.content for t in reference.get_added_tokens_decoder().values()]
    texts = HARD + [f"{a}{s}{b}" for s in specials[:20] for a, b in [("", ""), ("a", "b"), (" ", " "), ("\n", "\t x")]]
    texts += [random_text(rng, specials) for _ in range(count)]
    wrong = 0
    for text, (ids, decoded, streamed) in zip(texts, run_weft(build, model, texts), strict=True):
        expected = reference.encode(text).ids
        expected_text = reference.decode(expected, skip_special_tokens=False)
        same = ids == expected and decoded == expected_text and streamed == expected_text
        wrong += not same
        if not same and wrong <= 8:
            print(f"  {text!r}\n    weft      {ids} {decoded!r} {streamed!r}\n    reference {expected} {expected_text!r}")
    print(f"{model}: {len(texts) - wrong} of {len(texts)} texts equal")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    sys.exit(any([check(args.build, m, args.count, args.seed) for m in args.models]))


if __name__ == "__main__":
    main()
