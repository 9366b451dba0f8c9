"""Stands in for cibuildwheel where there is no container engine, as a program of that name on PATH.

What would be built, the real one says (REAL_CIBUILDWHEEL is its Python). Wheels are built for real by pypa/build and,
for Linux, repaired for real by auditwheel and tested, on this machine and with its Python alone. Those for other
systems are this machine's in all but their names: nothing that is tested here looks into their binaries.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

PLATFORMS = {"macosx_arm64": "macosx_11_0_arm64", "macosx_x86_64": "macosx_10_13_x86_64", "win_amd64": "win_amd64"}
"""What stands in a wheel's name for the platform of a build identifier."""

OURS = f"cp{sys.version_info.major}{sys.version_info.minor}"


def main(argv: Sequence[str]) -> None:
    real = (os.environ["REAL_CIBUILDWHEEL"], "-I", "-m", "cibuildwheel", *argv)
    if "--print-build-identifiers" in argv:
        sys.exit(subprocess.run(real, check=False).returncode)
    given = parse(argv)
    print("This is no cibuildwheel, but a stand-in that builds on this machine.", flush=True)
    listed = subprocess.run((*real, "--print-build-identifiers"), check=True, capture_output=True, encoding="utf-8")
    for identifier in listed.stdout.split():
        build(identifier, Path(given.package), Path(given.output_dir))


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for flag in ("--platform", "--archs", "--config-file", "--output-dir"):
        parser.add_argument(flag)
    parser.add_argument("package")
    return parser.parse_args(argv)


def build(identifier: str, package: Path, output: Path) -> None:
    python, _, platform = identifier.partition("-")
    if python != OURS or platform in shlex.split(os.environ.get("FAILS_FOR", "")):
        sys.exit(f"{identifier} can't be built here")
    scratch = Path(tempfile.mkdtemp())
    run("build", "--wheel", "--no-isolation", "--outdir", str(scratch), str(package))
    (wheel,) = scratch.glob("*.whl")
    if platform in PLATFORMS:
        run("wheel", "tags", "--platform-tag", PLATFORMS[platform], "--remove", str(wheel))
        (wheel,) = scratch.glob("*.whl")
        wheel.rename(output / wheel.name)
        return
    run("auditwheel", "repair", "--wheel-dir", str(output), str(wheel))
    if command := os.environ.get("CIBW_TEST_COMMAND"):
        test(command, output)


def test(command: str, output: Path) -> None:
    (wheel,) = output.glob("*linux*.whl")
    place = tempfile.mkdtemp()
    run("pip", "install", "--quiet", "--no-index", "--no-deps", "--target", place, str(wheel))
    filled = command.replace("{project}", str(Path.cwd()))
    subprocess.run(("sh", "-c", filled), check=True, cwd=place, env={**os.environ, "PYTHONPATH": place})


def run(module: str, *arguments: str) -> None:
    subprocess.run((sys.executable, "-m", module, *arguments), check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
