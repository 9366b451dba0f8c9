"""Secrets for a server, and where they may go. Requests of any library that has headers can be given one."""

from __future__ import annotations

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
class Anonymous:
    """No secret, not even one of a netrc file."""

    def __call__(self, request: R) -> R:
        return request


Auth: TypeAlias = Token | Anonymous


def without_passwords(text: str) -> str:
    """The text, with whatever stands before the @ of a URL's host left out."""
    return re.sub(r"(?<=://)[^/\s]+@", "***@", text)


def is_safe_for_secrets(url: str) -> bool:
    """Whether a token may go there: only over https, or to this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
