"""An index that pip could read, as a source of files: JSON or HTML, a page of links, or a directory."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
from packaging.utils import canonicalize_name

from nightly.auth import Anonymous, Auth, Basic
from nightly.downloading import opened
from nightly.errors import UserError
from nightly.fetching.addresses import Address
from nightly.fetching.files import IndexFile
from nightly.fetching.names import UnsafeName
from nightly.fetching.pages import CutShort, Unreadable, UnsafeLink, read_html, read_json
from nightly.fetching.refusing import no_page, not_answering, not_to_be_trusted
from nightly.http import Http
from nightly.http_errors import HttpError, Refused, Unavailable
from nightly.retry import retrying

_HEADERS = {
    "Accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1",
    "Cache-Control": "max-age=0",  # as pip asks: what was published a moment ago isn't in a cache
}
_JSON = ("application/vnd.pypi.simple.v1+json", "application/json")
_HTML = ("application/vnd.pypi.simple.v1+html", "text/html", "application/xhtml+xml")
_ROOTS = ("simple", "+simple")
"""How the addresses of indexes end that have a page for each project, and of all projects, which may be millions."""

LARGEST_PAGE = 32 * 1024 * 1024
"""In bytes. The largest pages there are have a fifth of it."""

_GONE = (404, 410)


class SimpleIndex:
    """An index by its address, read by `http`. Implements `nightly.fetching.files.Source`."""

    def __init__(self, address: Address, http: Http) -> None:
        self._address = address if address.login != Anonymous() else Address(address.url, _netrc(address.url))
        self._http = http

    @property
    def name(self) -> str:
        return self._address.url

    def auth(self, url: str) -> Auth:
        return self._address.auth(url)

    def files(self, project: str) -> tuple[IndexFile, ...]:
        """See `Source.files`. A page of links has no pages of projects, so that all files on it are listed."""
        try:
            return self._listed(canonicalize_name(project))
        except (UnsafeName, UnsafeLink) as error:
            raise not_to_be_trusted(self.name, error) from error
        except Unreadable as error:
            raise no_page(self.name, error) from error
        except HttpError as error:
            raise not_answering(self.name, error) from error

    def _listed(self, project: str) -> tuple[IndexFile, ...]:
        url = self._address.url
        if urlsplit(url).scheme == "file":
            return _of_directory(url, project)
        found = self._page(f"{url}/{project}/")
        if found is None and url.rpartition("/")[2] not in _ROOTS:
            found = self._page(f"{url}/")
        return found or ()

    def _page(self, url: str) -> tuple[IndexFile, ...] | None:
        """The files on a page; None where there's no page."""
        try:
            return retrying(lambda _: self._ask(url), self._http.patience)
        except Refused as error:
            if error.status in _GONE:
                return None
            raise

    def _ask(self, url: str) -> tuple[IndexFile, ...]:
        with opened(self._http, url, self.auth, _HEADERS) as response:
            reply = self._http.reply(response, LARGEST_PAGE + 1)
            where = str(response.url)
        if len(reply.content) > LARGEST_PAGE:
            raise Unreadable(f"it has more than {LARGEST_PAGE} bytes")
        try:
            return _read(reply.content, reply.headers.get("content-type", ""), where)
        except CutShort as error:
            raise Unavailable(f"GET {where.partition('?')[0]}", str(error), reply.status) from error


def _read(content: bytes, content_type: str, url: str) -> tuple[IndexFile, ...]:
    kind = content_type.partition(";")[0].strip().lower()
    text = content.decode("utf-8", "replace")
    if kind in _JSON:
        return read_json(text, url)
    if kind in _HTML:
        return read_html(text, url)
    raise Unreadable(f"it is of the type {content_type!r:.100}")


def _of_directory(url: str, project: str) -> tuple[IndexFile, ...]:
    """The project's page in a directory that is laid out as an index, else all files in the directory.

    Raises:
        UserError: it can't be read.
    """
    root = Path(url2pathname(urlsplit(url).path))
    try:
        for name, read in (("index.json", read_json), ("index.html", read_html)):
            page = root / project / name
            if page.is_file():
                return read(page.read_text(encoding="utf-8", errors="replace"), page.as_uri())
        names = [path for path in sorted(root.iterdir()) if path.is_file()]
        return read_html("".join(f'<a href="{path.as_uri()}"></a>' for path in names), f"{root.as_uri()}/")
    except OSError as error:
        raise UserError(
            f"The directory {str(root)!r} can't be read: {error.strerror}.",
            title="No index",
            do="Give a directory that is there.",
            exit_code=2,
        ) from error


def _netrc(url: str) -> Auth:
    """What the user's netrc file says of the host, as pip reads it too."""
    found = requests.utils.get_netrc_auth(url)
    return Basic(*found) if found else Anonymous()
