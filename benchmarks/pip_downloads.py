"""Download wheels with pip: `pip_downloads.py INDEX_URL REQUIREMENT DIRECTORY PLATFORMS PYTHONS`, both by commas.

pip takes one wheel of a project at a time, so it's called for each platform and each Python in turn.
"""

from __future__ import annotations

import subprocess
import sys


def main(index_url: str, requirement: str, directory: str, platforms: str, pythons: str) -> None:
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--quiet"]
    place = ["--index-url", index_url, "--dest", directory]
    for platform in platforms.split(","):
        for python in pythons.split(","):
            tags = ["--platform", platform, "--python-version", python, "--implementation", "cp"]
            command = [sys.executable, "-I", "-m", "pip", "download", *options, *place, *tags, requirement]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
