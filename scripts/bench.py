"""Measure this action and anaconda-client as whole processes, in turns."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str]) -> int:
    """Run the benchmark, whose code lies beside `scripts`, where no other command finds it."""
    sys.path.append(str(ROOT))
    run: Callable[[Sequence[str]], int] = importlib.import_module("benchmarks.running").main
    return run(argv)
