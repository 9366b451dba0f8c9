"""Reading from a directory channel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from nightly.channel import FileLost, Listing, RemoteFile
from nightly.directory.page import Page, PageFile
from nightly.directory.persist import persisting
from nightly.directory.site import CHUNK, Site, Tell, check_site, is_stored, projects_of, read_page
from nightly.simple_page import linked_names


class DirectoryChannel:
    """A static index in a directory, to read from. Nothing is ever made or changed; without the directory it's empty.

    `tell` is given what a person should know: a page that was damaged, a wait.
    """

    def __init__(self, root: Path, tell: Tell = print) -> None:
        self.site = Site(root.resolve())
        self.tell = tell

    @property
    def identity(self) -> str:
        return self.site.root.as_uri()

    @property
    def index_url(self) -> str:
        return self.site.simple.as_uri() + "/"

    def check(self) -> Sequence[str]:
        check_site(self.site)
        return ()

    def projects(self) -> Sequence[str]:
        return projects_of(self.site)

    def listing(self, project: str) -> Listing:
        """See `Channel.listing`; a directory has no spelling of its own, so the one asked for stands."""
        page = read_page(self.site, canonicalize_name(project), self.tell)
        files = tuple(self.remote_file(page, file) for file in page.files)
        return Listing(project, bool(files), files, frozenset(file.version for file in files))

    def remote_file(self, page: Page, file: PageFile) -> RemoteFile:
        """The file as it's listed. Its path holds its hash, so that it makes a handle that no other bytes have.

        Where the bytes are lost nothing is told of them, so that nobody takes them for there.
        """
        path = page.path(file)
        return RemoteFile(
            project=page.project,
            version=file.version,
            filename=file.filename,
            size=file.size,
            sha256=file.sha256 if is_stored(self.site.root / path) else None,
            md5=None,
            uploaded_at=file.uploaded_at,
            labels=frozenset(),
            url=(self.site.root / path).as_uri(),
            handle=path,
        )

    def address(self, file: RemoteFile) -> str:
        return file.url

    def fetch(self, file: RemoteFile, target: Path) -> None:
        digest = hashlib.sha256()
        try:
            source = (self.site.root / file.handle).open("rb")
        except FileNotFoundError as error:
            raise FileLost(f"{file.handle} isn't there") from error
        with source, target.open("wb") as copy:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if digest.hexdigest() != file.sha256:
            target.unlink()
            raise FileLost(f"{file.handle} has other bytes than those that were published")

    def indexed(self, project: str) -> frozenset[str]:
        page = self.site.html(canonicalize_name(project))
        try:
            return linked_names(persisting(page.read_bytes).decode())
        except FileNotFoundError:
            return frozenset()
