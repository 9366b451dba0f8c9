"""What the tests of the directory channel share: publishing to one, and looking at one as an installer does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from packaging.utils import NormalizedName

from nightly.channel import End, Outcome, RemoteFile, Upload
from nightly.directory.channel import DirectoryChannel
from nightly.directory.site import metadata_path, read_page
from nightly.directory.writing import WritableDirectoryChannel
from nightly.simple_page import links
from nightly.wheels import Wheel, read_wheel


def nothing(_: int) -> None:
    """Progress that nobody watches."""


def silence(_: str) -> None:
    """Messages that nobody reads."""


def planned(channel: DirectoryChannel, wheel: Wheel) -> Upload:
    """The wheel, in the place of what the channel lists under its name."""
    there = {file.filename: file for file in channel.listing(wheel.project).files}
    return Upload(wheel, there.get(wheel.filename))


def publish(channel: WritableDirectoryChannel, *wheels: Path) -> list[Outcome]:
    """Plan by the channel's listing, then publish, as the command does."""
    uploads = [planned(channel, read_wheel(wheel)) for wheel in wheels]
    return list(channel.publish(uploads, nothing))


def ends(channel: WritableDirectoryChannel, *files: RemoteFile) -> list[End]:
    """Delete the files, and say how it ended for each."""
    deletions = list(channel.delete(files))
    assert [deletion.file for deletion in deletions] == list(files)
    return [deletion.end for deletion in deletions]


def listed(channel: DirectoryChannel) -> list[RemoteFile]:
    """All files of the channel."""
    return [file for project in channel.projects() for file in channel.listing(project).files]


def linked_files(page: Path) -> dict[str, str]:
    """File names and hashes of all that a project's HTML page names, each found where it says, whole.

    Raises:
        AssertionError: what is there isn't what the page names.
        FileNotFoundError: nothing is there.
    """
    found = {}
    for link in links(page.read_text(encoding="utf-8")):
        url, _, sha256 = link["href"].partition("#sha256=")
        path = (page.parent / unquote(url)).resolve()
        metadata = path.with_name(path.name + ".metadata")
        assert _sha256(path) == sha256
        assert "sha256=" + _sha256(metadata) == link["data-core-metadata"]
        found[path.name] = sha256
    return found


def all_linked_files(root: Path) -> dict[str, str]:
    """The same for all projects."""
    pages = (root / "simple").glob("*/index.html")
    return {name: sha256 for page in pages for name, sha256 in linked_files(page).items()}


def hashes(wheels: Iterable[Path]) -> dict[str, str]:
    """File names and hashes of wheels."""
    return {wheel.name: _sha256(wheel) for wheel in wheels}


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    """Time and content of every file but the channel's own bookkeeping."""
    files = (path for path in root.rglob("*") if path.is_file() and ".upload-nightly" not in path.parts)
    return {path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def check_that_nothing_is_left_over(channel: DirectoryChannel) -> None:
    """Every file and folder is known to a page, the pages agree, and nothing is under way."""
    known: set[Path] = set()
    root = channel.site.root
    pages = list(root.glob("simple/*/index.json"))
    for path in pages:
        page = read_page(channel.site, NormalizedName(path.parent.name), channel.tell)
        assert page.by_name.keys() == channel.indexed(page.project)
        wheels = [root / path for path in page.paths()]
        known.update(*([wheel, metadata_path(wheel), wheel.parent] for wheel in wheels))
    assert known == set(root.glob("files/*/*")) | set(root.glob("files/*/*/*"))
    assert set(root.glob("files/*")) == {path.parent for path in root.glob("files/*/*")}
    assert {path for path in root.glob("simple/*") if path.is_dir()} == {path.parent for path in pages}
    assert not list(channel.site.incoming.glob("*"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
