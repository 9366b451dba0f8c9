"""Make what a build has made: `make_built DIRECTORY COUNT SIZE`, wheels of about so many bytes each.

They differ in nothing but their tags, as it takes as long to read them.
"""

from __future__ import annotations

import base64
import hashlib
import random
import shutil
import sys
import zipfile
from pathlib import Path

from benchmarks.samples import PLATFORMS

_FIRST_PYTHON = 7
_NAME, _VERSION = "bench_pkg", "2.0.0"
_PIECES = 200
"""As many members as a wheel has, besides a large one that is half of it, as an extension module is."""

_PACKED = 3
"""How many times its size in the wheel a member has, about."""


def main(directory: str, count: str, size: str) -> None:
    Path(directory).mkdir(parents=True)
    first = None
    for number in range(int(count)):
        python, platform = divmod(number, len(PLATFORMS))
        tag = f"cp3{_FIRST_PYTHON + python}-cp3{_FIRST_PYTHON + python}-{PLATFORMS[platform]}"
        path = Path(directory, f"{_NAME}-{_VERSION}-{tag}.whl")
        first = Path(shutil.copyfile(first, path)) if first else _write(path, int(size) * _PACKED)


def _write(path: Path, unpacked: int) -> Path:
    about, rows, choose = f"{_NAME}-{_VERSION}.dist-info", list[str](), random.Random(0)  # noqa: S311 - no secret
    headers = f"Metadata-Version: 2.1\nName: bench-pkg\nVersion: {_VERSION}\nDescription-Content-Type: text/plain\n"
    texts = {f"{about}/METADATA": f"{headers}\nA build.\n".encode(), f"{about}/WHEEL": b"Wheel-Version: 1.0\n"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(_PIECES):
            texts[f"{_NAME}/module_{number}.py"] = _content(choose, unpacked // 2 // _PIECES)
        texts[f"{_NAME}/extension.so"] = _content(choose, unpacked // 2)
        for name, data in texts.items():
            archive.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(data)}\n")
        archive.writestr(f"{about}/RECORD", "".join([*rows, f"{about}/RECORD,,\n"]))
    return path


def _content(choose: random.Random, length: int) -> bytes:
    """Words of a language that nobody speaks, which deflate packs to about a third."""
    words = [choose.randbytes(choose.randint(2, 9)) for _ in range(300)]
    found, total = list[bytes](), 0
    while total < length:
        found.append(words[min(len(words) - 1, int(choose.expovariate(1 / 66)))])
        total += len(found[-1])
    return b"".join(found)[:length]


if __name__ == "__main__":
    main(*sys.argv[1:])
