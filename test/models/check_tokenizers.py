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
import unicodedata

HARD = [
    "", " ", "  ", "\n", "\t", "\r\n", "a", " a", "a ", "Hello, world!", "  Hello   world  ",
    "I'm you're they've we'll he'd it's don't I'M YOU'RE", "'s't're've'm'll'd 'S 'T 'RE",
    "x  5", "\n\n5", "a 5 b  6\n7", "1234567890", "3.14159e-10", "1,000,000", "٣٤٥ ۱۲۳ १२३ ²³¹ Ⅷ ½",
    "def f(x):\n    return x + 1\n\n\n\tif (a&&b) { c->d(); } // ok\n", "<html><body a=\"b\">&amp;</body>",
    "日本語のテキスト。中文文本,한국어 텍스트", "العربية مع الحركات: مُحَمَّد", "שלום עולם", "ไทยภาษา", "हिन्दी में",
    "e\u0301 vs \u00e9, a\u030a \u212b Å", "\u1e9b\u0323 \ufb01 \ufb03 ſ K", "İstanbul ıI ß ẞ ΑΣ ς", "naïve café résumé ÀÉÎÕÜ",
    "👍🏽 👨‍👩‍👧‍👦 🇩🇪 ❤️ 😀😀😀", "a\u200bb\u200cc\u200dd\ufeffe\u00adf", "\u00a0\u2003\u3000\u2028\u2029\u0085x",
    "a\u0000b\u0001c\u007fd\u009fe", "�", "\ue000\U000f0000\U0010ffff", "a" * 300, "ab" * 500, " " * 1000, "\n" * 333,
    "\t" * 77 + "x", "word " * 200, "." * 500, "!?" * 100, "▁a▁▁b ▁", "Ġ Ċ ĉ ©®", "##ing ## #", "<0x0A><0xFF>", "http://example.com/a?b=c&d=e#f",
    "user@example.com", "C:\\path\\to\\file", "a_b-c.d/e", "CamelCaseWord snake_case_word", "\u180e x \u180e", "don\u2019t \u2018quoted\u2019 \u201cq\u201d",
    "ſ'ſ 'ſ", "…—–", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙", "\U00020000\U0002b820\uf900", "मात्रा ा", "\u0301\u0300abc", "x\u0345\u0301\u0323y", "Ω≈ç√∫˜µ≤≥÷",
]
WORDS = ("the of and to in is was for that with as his they be at one have this from or had by hot word but what some we can out "
         "other were all there when up use your how said an each she which do their time if will way about many then them "
         "tokenization unbelievable internationalization Antidisestablishmentarianism print return int main void std vector").split()


def assigned(rng, low=1, high=0x110000):
    while True:
        code = rng.randrange(low, high)
        if not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn":
            return chr(code)


def random_text(rng, specials):
    ranges = [(32, 127), (1, 256), (0x370, 0x600), (0x900, 0xE00), (0x2000, 0x2800), (0x3000, 0x3200),
              (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x1F300, 0x1F700), (1, 0x110000), (0x300, 0x370)]
    parts = []
    for _ in range(rng.randrange(1, 25)):
        kind = rng.randrange(10)
        if kind < 4:
            parts.append(rng.choice(["", " ", "  ", "\n"]) + rng.choice(WORDS))
        elif kind == 4:
            parts.append(rng.choice([" ", "\n", "\t", "\r\n", "\u00a0", "\u3000"]) * rng.randrange(1, 6))
        elif kind == 5:
            parts.append(str(rng.randrange(10 ** rng.randrange(1, 12))))
        elif kind == 6:
            parts.append("".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in range(rng.randrange(1, 5))))
        elif kind == 7 and specials:
            parts.append(rng.choice(specials))
        else:
            low, high = rng.choice(ranges)
            parts.append("".join(assigned(rng, low, high) for _ in range(rng.randrange(1, 8))))
    return "".join(parts)


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
