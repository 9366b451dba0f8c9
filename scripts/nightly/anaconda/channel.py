"""Reading a channel on anaconda.org, and writing to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

from packaging.utils import canonicalize_name

from nightly.anaconda import access, records
from nightly.anaconda.api import AnacondaReader, AnacondaWriter
from nightly.anaconda.explain import explain
from nightly.anaconda.publish import Publication
from nightly.anaconda.remove import Removal
from nightly.channel import Deletion, Listing, Outcome, Progress, RemoteFile, Upload
from nightly.errors import README, UserError
from nightly.http_errors import HttpError, Refused
from nightly.simple_page import linked_names


def simple_index(index_url: str, organization: str, labels: Sequence[str]) -> str:
    """The address of the index with files of these labels. Only the label main is in the plain one (arrow#40216)."""
    label = "" if "main" in labels else f"/label/{quote(labels[0], safe='')}"
    return f"{index_url.rstrip('/')}/{quote(organization, safe='')}{label}/simple"


class AnacondaChannel:
    """An organization's files, and the index of one of its labels. Implements `nightly.channel.Channel`."""

    def __init__(self, api: AnacondaReader, index_url: str, labels: Sequence[str]) -> None:
        self._api = api
        self._labels = labels
        self._index = index_url
        self._seen: dict[str, Listing] = {}
        self._packages: Sequence[str] | None = None

    @property
    def identity(self) -> str:
        return f"{self._api.url}/{self._api.organization}"

    @property
    def index_url(self) -> str:
        return simple_index(self._index, self._api.organization, self._labels)

    def check(self) -> Sequence[str]:
        try:
            return [*self._check_token(), *self._check_organization()]
        except HttpError as error:
            raise _unusable(error) from error

    def projects(self) -> Sequence[str]:
        try:
            return self._api.packages()
        except HttpError as error:
            raise _unusable(error) from error

    def listing(self, project: str) -> Listing:
        try:
            found = self._api.package(project) or self._under_another_spelling(project)
        except HttpError as error:
            raise _unusable(error) from error
        self._seen[canonicalize_name(project)] = found or Listing(project, exists=False)
        return self._seen[canonicalize_name(project)]

    def address(self, file: RemoteFile) -> str:
        """See `Channel.address`: as the index links it, for a file's record may name another host."""
        return "/".join(
            (self.index_url, *(quote(part, safe="") for part in (file.project, file.version, file.filename)))
        )

    def fetch(self, file: RemoteFile, target: Path) -> None:
        self._api.download(file, target)

    def indexed(self, project: str) -> frozenset[str]:
        """The names on the index page; none where the page can't be read, for an index is for installers alone."""
        url = f"{self.index_url}/{canonicalize_name(project)}/"
        try:
            return linked_names(self._api.http.page(url))
        except HttpError:
            return frozenset()

    def _check_token(self) -> Iterator[str]:
        try:
            answer = self._api.authentication_now()
        except HttpError as error:
            if error.status == 401 and not access.is_of_another_scope(error.reason):
                raise
            return  # It isn't documented who may ask this. A token that won't do is refused later, by the next request.
        access.check_scopes(answer.json)
        if warning := access.expiry_warning(answer.json, datetime.now(timezone.utc)):
            yield warning

    def _check_organization(self) -> Iterator[str]:
        try:
            yield from access.header_warnings(self._api.user().headers)
        except Refused as error:
            if error.status != 404:
                raise
            raise UserError(
                f"There is no organization {self._api.organization!r} on {self._api.url}.",
                title="No such organization",
                do="Correct the input anaconda_nightly_upload_organization.",
            ) from error

    def _under_another_spelling(self, project: str) -> Listing | None:
        """The server's names are case-sensitive and know `_` from `-`, but those of installers aren't."""
        if self._packages is None:
            self._packages = self._api.packages()
        name = records.spelling(self._packages, project)
        return self._api.package(name) if name else None


class WritableAnacondaChannel(AnacondaChannel):
    """The same, and what changes it. Implements `nightly.channel.WritableChannel`."""

    def __init__(self, api: AnacondaWriter, index_url: str, labels: Sequence[str]) -> None:
        super().__init__(api, index_url, labels)
        self._writer = api

    def publish(self, uploads: Sequence[Upload], progress: Progress) -> Iterator[Outcome]:
        publication = Publication(self._writer, self._seen, frozenset(self._labels), progress)
        return publication.run(uploads)

    def delete(self, files: Sequence[RemoteFile]) -> Iterator[Deletion]:
        """See `WritableChannel.delete`; the server collects a package with its last file (anaconda-client#702)."""
        try:
            for file in files:
                yield Removal(self._writer, file).run()
        except HttpError as error:
            raise _unusable(error) from error


def _unusable(error: HttpError) -> UserError:
    explanation = explain(error)
    return UserError(
        explanation.what,
        title=explanation.title,
        means=explanation.means,
        do=explanation.do,
        more=explanation.more or f"{README}troubleshooting",
    )
