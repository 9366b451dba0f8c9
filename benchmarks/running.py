"""Running the benchmark: all of it, or parts."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from benchmarks import (
    checks,
    deciding,
    deletions,
    directories,
    fetches,
    isolation,
    memory,
    nightly_plan,
    planning,
    report,
    setting_up,
    telling,
    uploads,
)
from benchmarks.bench import SCALES, Bench
from benchmarks.figures import Result
from benchmarks.noise import Noise
from benchmarks.programs import ROOT
from nightly.cache import cache_dir
from nightly.errors import UserError
from nightly.venvs import ensure_venv

PARTS: dict[str, Callable[[Bench], Result]] = {
    "uploads": uploads.run,
    "memory": memory.run,
    "set-up": setting_up.run,
    "directory": directories.run,
    "plan": planning.run,
    "decide": deciding.run,
    "delete": deletions.run,
    "nightlies": nightly_plan.run,
    "isolation": isolation.run,
    "report": telling.run,
    "fetch": fetches.run,
    "check": checks.run,
}


def main(argv: Sequence[str]) -> int:
    """Measure, print the table, and write what is asked for. A goal that was missed is said, and no failure."""
    options = _options(argv)
    try:
        _run(options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure this action and anaconda-client, in turns.")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; may be given again (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--scale", choices=SCALES, default="full", help="smoke: only whether all runs (default: full)")
    parser.add_argument("--json", type=Path, help="a file to write all figures to")
    parser.add_argument("--write-readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds has to be 1 or more")
    if options.write_readme and (options.only or options.scale != "full"):
        parser.error("--write-readme takes the whole benchmark: leave out --only and --scale")
    return options


def _run(options: argparse.Namespace) -> None:
    cache = cache_dir(os.environ, sys.platform)
    python = ensure_venv(ROOT / "tests" / "requirements.txt", cache=cache)
    noise = Noise()
    with tempfile.TemporaryDirectory(prefix="upload-nightly-bench-") as directory:
        bench = Bench(Path(directory), cache, SCALES[options.scale], options.rounds, python, noise, _tell)
        result = _parts(bench, options.only or list(PARTS))
    _write(options, result, noise)


def _parts(bench: Bench, names: Sequence[str]) -> Result:
    results = []
    for name in names:
        _tell(f"{name}:")
        results.append(PARTS[name](bench))
    rows = tuple(row for result in results for row in result.rows)
    return Result(rows, {name: some for result in results for name, some in result.samples.items()})


def _write(options: argparse.Namespace, result: Result, noise: Noise) -> None:
    day = datetime.now(timezone.utc).date()
    text = report.section(result.rows, day, _machine(), options.rounds, noise)
    print(f"\n{text}")
    if options.json:
        options.json.write_text(report.as_json(result, day, _machine(), noise), encoding="utf-8")
    if options.write_readme:
        readme = ROOT / "README.md"
        readme.write_text(report.with_section(readme.read_text(encoding="utf-8"), text), encoding="utf-8")


def _machine() -> str:
    return f"{platform.system()} with {os.cpu_count()} cores, Python {platform.python_version()}"


def _tell(line: str) -> None:
    print(line, flush=True)
