//===- weft-unicode-classes.cpp - Classes of all characters ---------------===//
//
// A line for every code point: whether utf8proc has it as punctuation, other,
// mark, nonspacing mark, and whether it decomposes. Input of
// make_reference_classes.py.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <utf8proc.h>

int main() {
  auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  for (utf8proc_int32_t c = 0; c < 0x110000; ++c) {
    utf8proc_category_t k = utf8proc_category(c);
    bool asciiSymbol =
        c < 0x80 && k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_SO;
    utf8proc_int32_t parts[32];
    int boundary = 0;
    auto count = utf8proc_decompose_char(c, parts, 32, options, &boundary);
    std::printf("%d%d%d%d%d\n",
                asciiSymbol ||
                    (k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO),
                k >= UTF8PROC_CATEGORY_CC && k <= UTF8PROC_CATEGORY_CO,
                k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME,
                k == UTF8PROC_CATEGORY_MN, count != 1 || parts[0] != c);
  }
  return 0;
}
