"""Small real wheels for tests: pip installs them, and the same arguments always make the same bytes."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_MADE_AT = (2024, 1, 1, 0, 0, 0)


def make_wheel(
    directory: Path,
    name: str = "demo-pkg",
    version: str = "1.0.dev1",
    tag: str = "py3-none-any",
    build: str = "",
    payload: bytes = b"",
    *,
    requires: Sequence[str] = (),
    summary: str = "A wheel for tests",
    home_page: str = "https://example.org/demo",
    headers: Sequence[str] = (),
) -> Path:
    """Write a wheel with one module to `directory`, which is made if needed; `payload` is data beside the module.

    The file is named as the wheel specification says, METADATA has `name` and `version` to the letter, and `headers`.
    `tag` may be compressed ("cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64").
    """
    distribution, stem = _names(name, version)
    files = {
        f"{distribution}/__init__.py": f'__version__ = "{version}"\n'.encode(),
        f"{distribution}/payload.bin": payload,
        f"{stem}.dist-info/METADATA": _metadata(name, version, requires, summary, home_page, headers),
        f"{stem}.dist-info/WHEEL": _wheel(tag, build),
    }
    return _write(directory, stem, "-".join(filter(None, (stem, build, tag))), files)


def make_package(
    directory: Path,
    name: str,
    version: str,
    modules: Mapping[str, str],
    *,
    tag: str = "py3-none-any",
    requires: Sequence[str] = (),
    extras: Sequence[str] = (),
    home_page: str = "https://example.org/demo",
) -> Path:
    """Write a wheel of these modules, by their paths; `extras` are the names that METADATA provides."""
    _, stem = _names(name, version)
    provided = "".join(f"Provides-Extra: {extra}\n" for extra in extras).encode()
    files = {
        **{inner: text.encode() for inner, text in modules.items()},
        f"{stem}.dist-info/METADATA": provided + _metadata(name, version, requires, "A wheel for tests", home_page),
        f"{stem}.dist-info/WHEEL": _wheel(tag, ""),
    }
    return _write(directory, stem, f"{stem}-{tag}", files)


def _names(name: str, version: str) -> tuple[str, str]:
    distribution = re.sub(r"[-_.]+", "_", name).lower()
    return distribution, f"{distribution}-{version}"


def _write(directory: Path, stem: str, name: str, files: dict[str, bytes]) -> Path:
    record = f"{stem}.dist-info/RECORD"
    files[record] = _record(files, record)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for inner, content in files.items():
            archive.writestr(_entry(inner), content)
    return path


def _entry(inner: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(inner, date_time=_MADE_AT)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _metadata(
    name: str, version: str, requires: Sequence[str], summary: str, home_page: str, headers: Sequence[str] = ()
) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Summary: {summary}"] * bool(summary)
    lines += [f"Home-page: {home_page}"] * bool(home_page)
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return "\n".join([*lines, *headers, "", f"# {name}", ""]).encode()


def _wheel(tag: str, build: str) -> bytes:
    pythons, abis, platforms = (part.split(".") for part in tag.split("-"))
    tags = [f"Tag: {python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms]
    lines = ["Wheel-Version: 1.0", "Generator: sample-wheels 1.0", "Root-Is-Purelib: true", *tags]
    lines += [f"Build: {build}"] * bool(build)
    return "\n".join([*lines, ""]).encode()


def _record(files: dict[str, bytes], record: str) -> bytes:
    rows = [f"{inner},sha256={_digest(content)},{len(content)}" for inner, content in files.items()]
    return "\n".join([*rows, f"{record},,", ""]).encode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
