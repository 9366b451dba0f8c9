"""Secrets for a server, and where they may go. Requests of any library that has headers can be given one."""

from __future__ import annotations

import base64
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol, TypeAlias, TypeVar
from urllib.parse import urlsplit


class Outgoing(Protocol):
    """A request that isn't sent yet."""

    @property
    def headers(self) -> MutableMapping[str, str]: ...


R = TypeVar("R", bound=Outgoing)


@dataclass(frozen=True)
class Token:
    """A secret for one host. It is in no repr, and requests adds no other (netrc) where it is given."""

    secret: str = field(repr=False)

    def __call__(self, request: R) -> R:
        request.headers["Authorization"] = f"token {self.secret}"
        return request


@dataclass(frozen=True)
class Basic:
    """A name and a password for one host (RFC 7617). The password is in no repr."""

    name: str
    password: str = field(repr=False)

    def __call__(self, request: R) -> R:
        pair = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        request.headers["Authorization"] = f"Basic {pair}"
        return request


@dataclass(frozen=True)
class Anonymous:
    """No secret, not even one of a netrc file."""

    def __call__(self, request: R) -> R:
        return request


Auth: TypeAlias = Token | Basic | Anonymous


def without_passwords(text: str) -> str:
    """The text, with whatever stands before the @ of a URL's host left out."""
    return re.sub(r"(?<=://)[^/\s]+@", "***@", text)


def is_safe_for_secrets(url: str) -> bool:
    """Whether a token may go there: only over https, or to this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))


def may_lead(url: str, address: str) -> bool:
    """Whether a page or a redirect at a URL may send us to an address: nobody may make us ask who is nearer to us.

    All may lead to https, what this machine serves may lead to what it serves, and its files to its files.
    """
    scheme = urlsplit(address).scheme
    if scheme == "file":
        return urlsplit(url).scheme == "file"
    return is_safe_for_secrets(address) and (scheme == "https" or urlsplit(url).scheme in {"http", "file"})


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
