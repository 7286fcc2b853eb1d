#!/usr/bin/env python3
"""Checks the first block of MLIR and of Python in a page, as a system.

usage: how_to.py --tool WEFT PAGE
"""

import argparse
import pathlib
import re
import tempfile

from run import Case


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("page", type=pathlib.Path)
    args = parser.parse_args()
    page = args.page.read_text()
    with tempfile.TemporaryDirectory(prefix="weft-how-to-") as dir:
        folder = pathlib.Path(dir)
        for language, name in (("mlir", "model.mlir"), ("python", "reference.py")):
            block = re.search(rf"^```{language}\n(.*?)^```", page, re.S | re.M)
            (folder / name).write_text(block[1])
        forms, _ = Case(args.tool, folder).check()
    print(f"{', '.join(forms)}: ok")


if __name__ == "__main__":
    main()
