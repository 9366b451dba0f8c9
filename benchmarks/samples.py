"""Wheels to publish, of any size."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

from benchmarks.figures import MB

PLATFORMS = (
    "macosx_11_0_arm64",
    "macosx_14_0_x86_64",
    "manylinux_2_28_aarch64",
    "manylinux_2_28_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_2_x86_64",
    "win_amd64",
    "win_arm64",
)
_FIRST_PYTHON = 9


def night(directory: Path, count: int, content: int, variant: int) -> Path:
    """One night's wheels of one version, for `count` tags, in `directory`. Another `variant` has other bytes."""
    for number in range(count):
        python, platform = divmod(number, len(PLATFORMS))
        tag = f"cp3{_FIRST_PYTHON + python}-cp3{_FIRST_PYTHON + python}-{PLATFORMS[platform]}"
        write_wheel(directory, "bench-pkg", "2.0.0.dev20260101", tag, content, seed=1000 * variant + number)
    return directory


def write_wheel(directory: Path, name: str, version: str, tag: str, content: int, *, seed: int) -> Path:
    """Write a wheel with one file of `content` bytes, which depend on the seed. It takes little memory."""
    directory.mkdir(parents=True, exist_ok=True)
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    path = directory / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open(zipfile.ZipInfo("content.bin"), "w", force_zip64=True) as file:
            block = random.Random(seed).randbytes(min(MB, content))  # noqa: S311 - neither secret nor compressible
            for left in range(content, 0, -MB):
                file.write(block[:left])
        # anaconda-client refuses a wheel without a summary.
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: For the benchmark\n"
        archive.writestr(f"{about}/METADATA", metadata)
        archive.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        archive.writestr(f"{about}/RECORD", f"content.bin,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return path
