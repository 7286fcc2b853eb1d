#!/usr/bin/env python3
"""Writes runtime/tokenizer/ReferenceClasses.inc: where character classes differ.

    make_reference_classes.py CLASSES > runtime/tokenizer/ReferenceClasses.inc

The library `tokenizers` takes some classes from tables older than utf8proc's:
characters assigned since are unknown to it. CLASSES has a line for every code point
with utf8proc's view: three digits (punctuation, other, mark, nonspacing mark) and
whether NFKC changes it, as written by `weft-unicode-classes`.
"""

import sys

from tokenizers import normalizers, pre_tokenizers


def ranges(codes):
    result = []
    for code in sorted(codes):
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def reference_views():
    bert = dict(handle_chinese_chars=False, lowercase=False)
    clean = normalizers.BertNormalizer(clean_text=True, strip_accents=False, **bert)
    accents = normalizers.BertNormalizer(clean_text=False, strip_accents=True, **bert)
    drops = lambda n: lambda c: n.normalize_str("a" + c + "a") == "aa"
    return [
        ("kPunctuation", lambda c: len(pre_tokenizers.Punctuation().pre_tokenize_str("a" + c + "a")) > 1),
        ("kOther", lambda c: c not in "\t\n\r\ufffd" and drops(clean)(c) or c in "\t\n\r"),
        ("kMark", drops(normalizers.StripAccents())),
        ("kNonspacingMark", drops(accents)),
        ("kDecomposes", lambda c: normalizers.NFKD().normalize_str(c) != c),
    ]


def main():
    lines = open(sys.argv[1]).read().split("\n")
    print("// Written by test/models/make_reference_classes.py.")
    for index, (name, view) in enumerate(reference_views()):
        differs = [c for c in range(0x110000)
                   if not 0xD800 <= c < 0xE000 and view(chr(c)) != (lines[c][index] == "1")]
        print(f"static const CharRange {name}Differs[] = {{")
        for first, last in ranges(differs):
            print(f"    {{0x{first:X}, 0x{last:X}}},")
        print("};")


if __name__ == "__main__":
    main()
