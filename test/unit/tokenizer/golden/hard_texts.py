"""Texts that tokenizers get wrong, and random ones of the same kinds."""

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
