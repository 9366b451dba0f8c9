"""Addresses of indexes, and the name and password that may stand in one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from nightly.auth import Anonymous, Auth, Basic, is_safe_for_secrets, without_passwords
from nightly.errors import UserError, bad_input

_NOBODY = Anonymous()
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Address:
    """Where an index is. `url` holds no secret and doesn't end in a slash; `login` is for its host alone."""

    url: str
    login: Auth = _NOBODY

    def auth(self, url: str) -> Auth:
        """What goes with a request to a URL: the login, where scheme, host and port are the index's."""
        return self.login if _origin(urlsplit(url)) == _origin(urlsplit(self.url)) else Anonymous()


def parse_index(value: str) -> Address:
    """An index by its URL, or by the path of its directory.

    Raises:
        UserError: it's neither, or it's read over plain http.
    """
    if "://" not in value and not value.startswith("file:"):
        return _directory(Path(value))
    try:
        parts = urlsplit(value)
        origin = _origin(parts)
    except ValueError:  # half an address of IPv6, or a port that is no number
        raise _bad(value) from None
    if parts.scheme == "file":
        return Address(value.rstrip("/"))
    host = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), parts.query, ""))
    if not origin[1] or parts.scheme not in _PORTS:
        raise _bad(value)
    if not is_safe_for_secrets(url):
        raise _plain(url)
    return Address(url, _login(parts))


def _directory(path: Path) -> Address:
    if not path.is_dir():
        raise _bad(str(path))
    return Address(path.resolve().as_uri())


def _login(parts: SplitResult) -> Auth:
    if not (parts.username or parts.password):
        return Anonymous()
    return Basic(unquote(parts.username or ""), unquote(parts.password or ""))


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


def _bad(value: str) -> UserError:
    allowed = "a URL that begins with https:// (http:// only to this machine) or file://, or a directory that is there"
    return bad_input("index", without_passwords(value), allowed)


def _plain(url: str) -> UserError:
    return UserError(
        f"The index {url} is read over plain http, so nothing is fetched from it.",
        title="Plain http",
        means="Whoever is on the way could give other files and other hashes.",
        do="Give its https:// address.",
        exit_code=2,
    )
