"""Files as a channel lists them, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from nightly.channel import RemoteFile

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)

TAGS = {
    "linux": "cp312-cp312-manylinux_2_28_x86_64",
    "musl": "cp312-cp312-musllinux_1_2_x86_64",
    "mac": "cp312-cp312-macosx_11_0_arm64",
    "win": "cp312-cp312-win_amd64",
    "cp310": "cp310-cp310-manylinux_2_28_x86_64",
    "cp313t": "cp313-cp313t-manylinux_2_28_x86_64",
    "any": "py3-none-any",
}
"""What a test calls a wheel's tags."""

MAIN = frozenset({"main"})


def filename(project: str, version: str, tag: str) -> str:
    stem = f"{project.replace('-', '_')}-{version}"
    return f"{stem}.tar.gz" if tag == "sdist" else f"{stem}-{TAGS.get(tag, tag)}.whl"


def remote(
    version: str = "1.0.dev1",
    tag: str = "linux",
    age: timedelta | None = timedelta(0),
    *,
    project: str = "demo",
    name: str | None = None,
    size: int | None = 10**6,
    labels: Iterable[str] = MAIN,
) -> RemoteFile:
    """A file of the channel that is so old at `NOW`, or doesn't say when it came."""
    name = filename(project, version, tag) if name is None else name
    return RemoteFile(
        project=project,
        version=version,
        filename=name,
        size=size,
        sha256=None,
        md5=None,
        uploaded_at=None if age is None else NOW - age,
        labels=frozenset(labels),
        url="",
        handle=f"{project}/{version}/{name}",
    )


def night(version: str, days: float, *tags: str, project: str = "demo") -> list[RemoteFile]:
    """What came of one version, so many days ago: for Linux, if nothing else is said."""
    return [remote(version, tag, timedelta(days), project=project) for tag in tags or ("linux",)]
