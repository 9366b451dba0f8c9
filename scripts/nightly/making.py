"""Making a wheel of a few text files, without a build backend."""

from __future__ import annotations

import hashlib
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version


def make_wheel(  # noqa: PLR0913 - each is a part of a wheel
    directory: Path,
    name: str,
    version: str,
    *,
    summary: str,
    build: str = "",
    tag: str = "py3-none-any",
    files: Mapping[str, str],
) -> Path:
    """Write a wheel of the text `files`, and return its path. The same arguments give the same bytes."""
    stem = f"{canonicalize_name(name).replace('-', '_')}-{Version(version)}"
    about = f"{stem}.dist-info"
    members = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {summary}\n",
        f"{about}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: upload-nightly-action\nRoot-Is-Purelib: true\n"
            f"Tag: {tag}\n" + (f"Build: {build}\n" if build else "")
        ),
    }
    lines = [f"{member},{_digest(text)},{len(text.encode())}\n" for member, text in members.items()]
    members[f"{about}/RECORD"] = "".join([*lines, f"{about}/RECORD,,\n"])
    path = directory / "-".join(filter(None, (stem, build, f"{tag}.whl")))
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member), text)
    return path


def _digest(text: str) -> str:
    """As RECORD has it (binary distribution format)."""
    return f"sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()}"
