"""Wheels that were read, and what became of them, without any file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from packaging.utils import canonicalize_name

from nightly.channel import Outcome, RemoteFile, State
from nightly.wheels import Wheel


def wheel(name: str = "demo-pkg", version: str = "1.0.dev1", tag: str = "py3-none-any", content: bytes = b"") -> Wheel:
    """A wheel as it's read, whatever its name."""
    return Wheel(
        path=Path("dist", f"{name.replace('-', '_')}-{version}-{tag}.whl"),
        name=name,
        project=canonicalize_name(name),
        version=version,
        build=(),
        tags=frozenset(),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        metadata=b"",
    )


def remote(
    of: Wheel, labels: tuple[str, ...] = ("main",), *, sha256: bool = True, md5: bool = True, size: bool = True
) -> RemoteFile:
    """The file of a wheel on a channel, as far as it tells."""
    return RemoteFile(
        project=of.name,
        version=of.version,
        filename=of.filename,
        size=of.size if size else None,
        sha256=of.sha256 if sha256 else None,
        md5=of.md5 if md5 else None,
        uploaded_at=None,
        labels=frozenset(labels),
        url=f"https://example.org/{of.filename}",
        handle=of.filename,
    )


def outcome(state: State = State.UPLOADED, reason: str = "", warning: str = "", of: Wheel | None = None) -> Outcome:
    """How it ended for a wheel."""
    return Outcome(of or wheel(), state, reason, 1.23456, "https://example.org/file", warning)
