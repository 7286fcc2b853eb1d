#!/usr/bin/env python3
"""Runs a command and passes if it ends with the exit code given first."""

import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    sys.exit(f"expected exit code {sys.argv[1]} but got {code}")
