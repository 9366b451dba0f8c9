"""Where everything lies in the directory, and how it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from packaging.utils import NormalizedName

from nightly.directory.page import HASH_DIGITS, Page, PageFile, newest_of_each_name
from nightly.directory.persist import persisting
from nightly.directory.render import GENERATOR, BadPage, page_of
from nightly.errors import UserError
from nightly.metadata import parse_metadata
from nightly.wheels import BadWheel, hashes

CHUNK = 2**20

GRACE = timedelta(hours=1)
"""How long the bytes of a file stay that was replaced. An installer reads a page once and then downloads for minutes;
the caches of a static host (ten minutes on GitHub Pages) serve an older page for a while."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Site:
    """The directory of a channel; nothing in it has to exist."""

    root: Path

    @property
    def simple(self) -> Path:
        return self.root / "simple"

    @property
    def lock(self) -> Path:
        return self.root / ".upload-nightly" / "lock"

    @property
    def incoming(self) -> Path:
        """Half-written files, in a folder for each project that is being written to."""
        return self.root / ".upload-nightly" / "incoming"

    def html(self, project: NormalizedName) -> Path:
        return self.simple / project / "index.html"

    def json(self, project: NormalizedName) -> Path:
        return self.simple / project / "index.json"

    def files(self, project: NormalizedName) -> Path:
        return self.root / "files" / project


def projects_of(site: Site) -> list[str]:
    """The projects that have a page. The root's pages are made from this, so nothing has to be kept in step."""
    return sorted(page.parent.name for page in site.simple.glob("*/index.html"))


def read_page(site: Site, project: NormalizedName, tell: Tell) -> Page:
    """All that is known of the project; made anew from its files where its page was lost or damaged."""
    try:
        return page_of(project, persisting(site.json(project).read_bytes).decode())
    except (FileNotFoundError, NotADirectoryError):
        problem = "is missing"
    except (BadPage, UnicodeDecodeError) as error:
        problem = f"is damaged ({error})"
    page = rebuilt_page(site, project, tell)
    if page != Page(project):
        tell(
            f"{site.json(project)} {problem}: made anew from the {len(page.files)} newest files in "
            f"{site.files(project)}. Upload times are the files' times, and what was deleted lately may be back."
        )
    return page


def rebuilt_page(site: Site, project: NormalizedName, tell: Tell) -> Page:
    """The page that the project's files suggest: what came last under each name."""
    until = datetime.now(timezone.utc) + GRACE
    return newest_of_each_name(project, tuple(stored_files(site, project, tell)), until)


def stored_files(
    site: Site, project: NormalizedName, tell: Tell, but: frozenset[str] = frozenset()
) -> Iterator[PageFile]:
    """The whole files in the project's folder, read and hashed, `but` those of these paths."""
    for wheel in sorted(site.files(project).glob("*/*.whl")):
        if wheel.relative_to(site.root).as_posix() in but:
            continue
        try:
            yield stored_file(wheel)
        except (OSError, BadWheel, BadPage) as error:
            tell(f"{wheel} is left out: {error}")


def stored_file(wheel: Path) -> PageFile:
    """A file as it lies in the channel; it was first seen when it was last written.

    Raises:
        BadPage: its bytes aren't those that its folder is named for.
        BadWheel, OSError: the copy of its METADATA beside it isn't one, or isn't there.
    """
    metadata = metadata_path(wheel).read_bytes()
    size, sha256, _ = hashes(wheel)
    if sha256[:HASH_DIGITS] != wheel.parent.name:
        raise BadPage("its bytes aren't those that were published")
    return PageFile(
        filename=wheel.name,
        sha256=sha256,
        size=size,
        uploaded_at=datetime.fromtimestamp(int(wheel.stat().st_mtime), timezone.utc),
        requires_python=parse_metadata(metadata).requires_python or None,
        metadata_sha256=hashlib.sha256(metadata).hexdigest(),
    )


def metadata_path(wheel: Path) -> Path:
    """Where PEP 658 wants a wheel's METADATA."""
    return wheel.with_name(wheel.name + ".metadata")


def is_stored(wheel: Path) -> bool:
    """Whether a file is there with its METADATA, which an installer asks for first."""
    return wheel.is_file() and metadata_path(wheel).is_file()


def check_site(site: Site) -> None:
    """Refuse what can't be meant as a channel.

    Raises:
        UserError: it's a file, a folder of loose wheels, or another tool's index.
    """
    if site.root.exists() and not site.root.is_dir():
        raise _refusal(site, "isn't a directory", "Usually a wheel's path was given instead of a directory's.")
    if not site.simple.is_dir() and any(site.root.glob("*.whl")):
        raise _refusal(site, "is a folder of wheels, not a channel", "Usually the artifacts' folder was given.")
    index = site.simple / "index.html"
    if index.is_file() and GENERATOR not in index.read_text(encoding="utf-8", errors="replace"):
        raise _refusal(site, "has a simple/index.html of another tool", "Its pages would be overwritten.")


def _refusal(site: Site, what: str, means: str) -> UserError:
    return UserError(
        f"The channel {site.root} {what}.",
        title="Bad input",
        means=means,
        do="Give a directory that this action alone publishes to, or one that is still to be made.",
        exit_code=2,
    )
